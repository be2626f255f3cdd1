package cloudsim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
)

// delivered buys and pays, and waits until everything stands everywhere.
func (w *wire) delivered(body map[string]any) string {
	w.t.Helper()
	id := w.ordered(body)
	check(w.t, "payment", w.pay(id).status, http.StatusNoContent)
	move(w.t, w.s, time.Minute)
	return id
}

func tagged(tags ...string) map[string]any {
	var list []any
	for i := 0; i < len(tags); i += 2 {
		list = append(list, map[string]any{"key": tags[i], "value": tags[i+1]})
	}
	return with(small(), map[string]any{"tags": list})
}

func TestWhereTagsOfAPurchaseAreSeen(t *testing.T) {
	for at, want := range map[string]struct{ config, server int }{"": {1, 1}, "both": {1, 1}, "config": {1, 0}, "server": {0, 1}} {
		t.Run("tags at "+at, func(t *testing.T) {
			w := start(t, cloudsim.Options{})
			check(t, "setting", w.control("POST", "accounts", map[string]any{"id": w.acct.ID, "tags_at": at}).status, http.StatusOK)
			id := w.delivered(tagged("sampan-order", "abcdefghij", "note", "what a server's tag cannot be: *"))
			check(t, "in Config", w.instances("tags=sampan-order%3Dabcdefghij").len("resources"), want.config)
			check(t, "in Config, its entries", len(w.instances("").at("resources", 0, "tags").(map[string]any)), 2*want.config)
			found := w.servers("ap-southeast-3", "tags=sampan-order%3Dabcdefghij")
			check(t, "on the server", found.at("count"), fmt.Sprint(want.server))
			all := w.servers("ap-southeast-3", "")
			check(t, "on the server, its entries", all.len("servers", 0, "tags"), 1+want.server)
			check(t, "order of the server", all.at("servers", 0, "metadata", "metering.order_id"), id)
			check(t, "instance of the server", all.at("servers", 0, "metadata", "lockSourceId"), w.instances("").at("resources", 0, "id"))
			check(t, "another purchase's", w.servers("ap-southeast-3", "tags=sampan-order%3Dx").at("count"), "0")
		})
	}
	w := start(t, cloudsim.Options{})
	check(t, "a place that is none", w.control("POST", "accounts", map[string]any{"id": w.acct.ID, "tags_at": "disk"}).status,
		http.StatusBadRequest)
}

func TestTagsOfAPurchaseCanBeChangedOnTheServer(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.delivered(tagged("env", "prod", "sampan-order", "abcdefghij"))
	id := w.servers("ap-southeast-3", "").at("servers", 0, "id").(string)
	tags := func() string {
		var out []string
		list := w.servers("ap-southeast-3", "")
		for i := range list.len("servers", 0, "tags") {
			out = append(out, list.at("servers", 0, "tags", i).(string))
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	check(t, "as bought", tags(), "_sys_type_hcss_l env=prod sampan-order=abcdefghij")
	change := func(action, key, value string) {
		t.Helper()
		a := w.onServer("POST", id, "/tags/action",
			map[string]any{"action": action, "tags": []any{map[string]any{"key": key, "value": value}}})
		check(t, action+" "+key, a.status, http.StatusNoContent)
	}
	change("create", "team", "blue")
	check(t, "one more", tags(), "_sys_type_hcss_l env=prod sampan-order=abcdefghij team=blue")
	for _, key := range []string{"team", "env", "sampan-order"} {
		change("delete", key, "")
	}
	check(t, "all deleted", tags(), "_sys_type_hcss_l")
	check(t, "Config keeps its own", w.instances("tags=sampan-order%3Dabcdefghij").len("resources"), 1)
}

// TestDeletedTagsStayDeleted: an empty set is another thing than none said.
func TestDeletedTagsStayDeleted(t *testing.T) {
	o := cloudsim.Options{StateFile: t.TempDir() + "/state", Seed: "x"}
	c, err := cloudsim.New(simtest.Options(o))
	if err != nil {
		t.Fatal(err)
	}
	w := serve(t, c)
	w.delivered(tagged("env", "prod"))
	id := w.servers("ap-southeast-3", "").at("servers", 0, "id").(string)
	check(t, "deleted", w.onServer("POST", id, "/tags/action",
		map[string]any{"action": "delete", "tags": []any{map[string]any{"key": "env"}}}).status, http.StatusNoContent)
	w = serve(t, reopened(t, c, o))
	check(t, "after a restart", w.servers("ap-southeast-3", "").len("servers", 0, "tags"), 1)
}

func TestUserOfAnOrder(t *testing.T) {
	w := start(t, cloudsim.Options{})
	set := func(what map[string]any) {
		t.Helper()
		what["id"] = w.acct.ID
		check(t, "setting", w.control("POST", "accounts", what).status, http.StatusOK)
	}
	k := newSDK(t, w.s, w.acct)
	user := func(id string) any { return w.order(id).at("order_info", "user_name") }
	byKey := func() string {
		t.Helper()
		return *must(k.purchase("ap-southeast-3", small()))(t, "purchase").OrderId
	}
	check(t, "by key", user(byKey()), "console")
	set(map[string]any{"key_user": "robot"})
	check(t, "by the key of another user", user(byKey()), "robot")
	signIn := w.ordered(small())
	check(t, "by sign-in", user(signIn), "console")
	set(map[string]any{"no_user": true})
	info := w.order(signIn).at("order_info").(map[string]any)
	if name, is := info["user_name"]; is {
		t.Errorf("left out: got %v", name)
	}
	set(map[string]any{"no_user": false})
	check(t, "no longer left out", user(signIn), "console")
}
