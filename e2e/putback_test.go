//go:build e2e

package e2e

import (
	"testing"

	"sampan/e2e/world"
)

// A review is open, the console is stopped, its directory copied and started
// again: the old button orders nothing, the review is shown once more. Then the
// copy is put back: the order that was placed meanwhile is found, said on every
// page, decided by the owner, and the remark is closed.
func TestADirectoryThatIsPutBackSaysWhatWasOrderedMeanwhile(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	b.WordPress().Named("first", "1").Review().PayLater().WaitFor("Awaiting payment")
	wizard := b.WordPress().Named("shop", "2").Review()
	w.Stop()
	copied := w.CopyData()
	b.expect("ERR_CONNECTION") // of the stream, while nobody answers
	b.expect("status of 503")  // of what was asked during the stop
	w.StartConsole()

	b.Press(placeUnpaid)
	b.Sees("The console was restarted since this page was made.")
	if got := len(w.Purchases()); got != 1 {
		t.Fatalf("%d orders at Huawei, want only the first", got)
	}
	b.Gone(b.Locator("#wiz footer button[aria-disabled=true]"), "the look at Huawei’s recent orders")
	b.inEveryLook("review shown again")
	wizard.PayLater().WaitFor("Awaiting payment")

	w.Stop()
	w.Replace(copied)
	w.StartConsole()
	b.Open("/")
	b.SignIn("ada", world.OwnerPassword)
	b.Sees("The database may have been put back to an earlier moment.", "Found at Huawei, and not known here")
	b.Sees("Huawei has 1 order that nobody here knows")
	b.inEveryLook("overview of a directory that was put back")
	b.Open("/orders?state=found")
	b.Sees("waiting for payment", "Not ours")
	b.inEveryLook("found at Huawei")
	b.WordPress().Named("shop", "2").Review()
	b.Sees("Huawei has an order that nobody here knows and that may be the same:", "This is an additional order.")
	b.inEveryLook("review beside a found order")

	b.Open("/orders?state=found")
	b.Press("Not ours")
	b.Sees("It is not listed any more.", "No unknown orders at Huawei", "Nothing was found at Huawei that is not known here.")
	b.inEveryLook("found at Huawei, none")
	b.Press("Close")
	b.Sees("The check of the database is closed.")
	b.SeesNot("may have been put back")
	if got := len(w.Purchases()); got != 2 {
		t.Errorf("%d orders at Huawei, want 2", got)
	}
}
