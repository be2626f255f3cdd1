package person_test

import (
	"testing"

	"sampan/internal/app/person"
)

// The table of reliability.md §9, as far as it exists.
func TestWhoMayDoWhat(t *testing.T) {
	table := map[person.Permission][4]bool{ // viewer, operator, buyer, owner
		person.See:            {true, true, true, true},
		person.Refresh:        {true, true, true, true},
		person.Practise:       {false, true, true, true},
		person.Buy:            {false, false, true, true},
		person.Decide:         {false, false, false, true},
		person.ManageAccounts: {false, false, false, true},
		person.ManageSettings: {false, false, false, true},
	}
	for p, may := range table {
		for i, r := range []person.Role{person.Viewer, person.Operator, person.Buyer, person.Owner} {
			if got := (person.Actor{Role: r}).May(p); got != may[i] {
				t.Errorf("%s may %s: got %v", r, p, got)
			}
		}
		for _, r := range []person.Role{"", "admin", "Owner"} {
			if r.May(p) {
				t.Errorf("the role %q may %s", r, p)
			}
		}
	}
	if person.Owner.May("") || person.Owner.May("unheard of") {
		t.Error("an unknown permission is granted")
	}
}

func TestASignInNameIsReadWithoutWhatCopyingAdds(t *testing.T) {
	for _, typed := range []string{"mei", " Mei ", "\ufeffmei\u200b", "ｍｅｉ", "m\u00adei"} {
		if got := person.NormalName(typed); got != "mei" {
			t.Errorf("%+q: got %+q", typed, got)
		}
	}
}
