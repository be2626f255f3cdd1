package orders_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/orders"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// awaiting is an order that waits for payment.
func awaiting(s string) orders.Model {
	pay := orders.Post{URL: "/orders/o1/pay", Needs: orders.NeedsBuy, Fields: []orders.Hidden{{Name: "amount", Value: "24.48"},
		{Name: "rev", Value: "7"}}, Money: &ui.MoneyAction{Label: "Pay US$ 24.48"}}
	cancel := orders.Post{URL: "/orders/o1/cancel", Needs: orders.NeedsBuy, Fields: []orders.Hidden{{Name: "rev", Value: "7"}},
		Button: ui.Action{Label: "Cancel the order", Submit: true, Big: true}}
	return orders.Model{
		ID: "o1", Title: "3 × " + s, Shape: ui.Warn, State: "Awaiting payment", Lead: "It costs nothing until somebody pays it.",
		Changing: true, May: "buy", Card: orders.CardModel{
			ID: "o1", Progress: "Progress", FactsTitle: "Order", Passport: "/orders/o1/passport",
			Steps: []orders.Step{
				{Step: ui.Step{State: ui.Done, Title: "Recorded", Text: text.Name("By " + s), Time: "09:14:02", At: "2026-11-23T01:14:02Z"}},
				{Step: ui.Step{State: ui.Now, Title: "Huawei’s price:", Money: "US$ 24.48", Icon: "coin"}, Posts: []orders.Post{pay, cancel}, After: "Huawei cancels it by 30 Nov."},
				{Step: ui.Step{State: ui.Todo, Title: "Delivering"}, Bar: &ui.BarModel{Value: 1, Max: 3, Label: "Servers ready"}},
			},
			Facts: []ui.Pair{{Key: "Number", Value: s, Copy: true}, {Key: "Account", Part: ui.World(s, false)}},
			Cloud: &orders.CloudModel{Facts: []ui.Pair{{Key: "Code", Value: s, Mono: true}}},
		},
	}
}

func candidates(s string) orders.CandidatesModel {
	adopt := orders.Post{URL: "/orders/o1/adopt", Needs: orders.NeedsDecide, Fields: []orders.Hidden{{Name: "order", Value: s}},
		Button: ui.Action{Label: "This is it", Submit: true}}
	return orders.CandidatesModel{Title: "Which of these is it?", Text: "Compare them.",
		Rows: []orders.CandidateModel{{Number: s,
			Rows: []orders.CompareRow{{Key: "Name", Ours: text.Name(s), Theirs: text.Name(s), Note: "12 s later", Differs: true}},
			Why:  "It matches: the name.", Posts: []orders.Post{adopt}}, {Number: "CS2", Ignored: "Ignored."}},
		None: &orders.Post{URL: "/orders/o1/none", Needs: orders.NeedsDecide, Button: ui.Action{Label: "None of these", Submit: true}}}
}

func servers(s string) orders.ServersModel {
	return orders.ServersModel{Title: "Servers in this order", Password: "New servers have no password yet.",
		Console: ui.Action{Label: "Set a password on Huawei’s page", Href: "https://console-intl.huaweicloud.com/smb/"},
		SignIn:  true, Site: true, Hints: []string{"Huawei named the servers."},
		Rows: []orders.ServerRow{
			{Name: s, Href: "/instances/i1", Shape: ui.Run, State: text.Name(s), Address: "203.0.113.84", SignIn: "ssh root@203.0.113.84", Site: "http://203.0.113.84/"},
			{Unnamed: "name not known yet", Shape: ui.Wait, State: "Queued", Waiting: "waiting"},
		}}
}

func list(s string) orders.ListModel {
	return orders.ListModel{Self: "/orders", Tabs: []ui.Link{{Label: "All", Href: "/orders", Count: "1", Current: true},
		{Label: "To pay", Href: "/orders?state=to+pay"}}, Wait: "1 order waits for payment.",
		Filter: orders.FilterModel{Query: s, People: []ui.Option{{Label: "Everybody"}, {Value: s, Label: text.Name(s)}}, Clear: "/orders"},
		Rows: []orders.Row{{Href: "/orders/o1", What: s, Name: s, Number: s, Account: s, Person: s, Date: "09:14",
			At: "2026-11-23T01:14:02Z", Shape: ui.Warn, State: "Pay by 30 Nov", Amount: "US$ 24.48"}},
		Pager: ui.PagerModel{Range: "1 order", NewerLabel: "Newer", OlderLabel: "Older", Older: "/orders?after=x"}}
}

func found(s string) orders.FoundModel {
	return orders.FoundModel{Text: "Nobody here knows them.", Elsewhere: "1 more is of another account.", Rows: []orders.FoundRow{
		{Number: s, Shape: ui.Warn, State: "waiting for payment", Facts: []ui.Pair{{Key: "Quantity", Value: "2"}, {Key: "Account", Part: ui.World(s, true)}, {Key: "User", Value: s, Name: true}},
			Like: "It resembles a purchase made here:", Link: ui.Link{Href: "/orders/o1", Label: text.Name(s)},
			Wish: "It is being cancelled.", Note: "It was left alone.", Belongs: &orders.BelongsModel{URL: "/orders/found/CS1/belongs",
				ID: "belongs-CS1", Purchases: []ui.Option{{Value: "o1", Label: text.Name(s), Chosen: true}}},
			Posts: []orders.Post{{URL: "/orders/found/CS1/not-ours", Button: ui.Action{Label: "Not ours", Kind: ui.Ghost, Submit: true}}},
			Hint:  "Only while it is unpaid."},
		{Number: "CS2", Shape: ui.Run, State: "completed", Like: "It may be what a review became that somebody made here."},
	}}
}

func passport(s string) orders.PassportModel {
	return orders.PassportModel{Title: text.Name(s), Order: "/orders/o1", File: "/orders/o1/passport.json",
		Facts: []ui.Pair{{Key: "Our number", Value: s, Mono: true}},
		Attempts: []orders.AttemptRow{{N: "1", Sent: "09:14:02", Answered: "never", Outcome: "unknown", Status: "no answer", Code: s,
			ClientRequest: s, Request: s}},
		Calls: []orders.CallRow{{At: "09:14:02", Call: "purchase", Method: "POST", Path: s, Status: "no answer", Code: s, ClientRequest: s,
			Request: s, Took: "60s"}},
		Events: []ui.Step{{State: ui.Done, Title: "Recorded", Text: text.Name(s)}}, Request: text.Visible(s)}
}

func TestComponents(t *testing.T) {
	golden.Check(t, "live", orders.Live(awaiting("WordPress").Card))
	golden.Check(t, "fragment", orders.Fragment(awaiting("WordPress")))
	golden.CheckIn(t, text.Chinese, "card-zh", orders.Card(awaiting("WordPress").Card))
	golden.Check(t, "candidates", orders.Candidates(candidates("CS1")))
	golden.Check(t, "candidates-none", orders.Candidates(orders.CandidatesModel{Title: "Which order is it?", Text: "Not all could be read.",
		Note: "Look on Huawei’s own pages.", None: &orders.Post{URL: "/orders/o1/close", Needs: orders.NeedsDecide,
			Button: ui.Action{Label: "Close this order", Submit: true}}}))
	golden.Check(t, "servers", orders.Servers(servers("shop-1")))
	golden.Check(t, "list", orders.List(list("shop")))
	golden.Check(t, "found", orders.Found(found("CS1")))
	golden.Check(t, "found-none",
		orders.Found(orders.FoundModel{Empty: &ui.EmptyModel{Icon: "search", Title: "No unknown orders", Text: "What this is."}}))
	golden.Check(t, "passport",
		orders.PassportPage(layout.Frame{Title: "Support file of this order", Nav: layout.Orders}, passport("shop")))
}

func TestHostileText(t *testing.T) {
	golden.Hostile(t, func(s string) templ.Component { return orders.Page(layout.Frame{Title: "Order"}, awaiting(s)) })
	golden.Hostile(t, func(s string) templ.Component { return orders.Candidates(candidates(s)) })
	golden.Hostile(t, func(s string) templ.Component { return orders.Servers(servers(s)) })
	golden.Hostile(t, func(s string) templ.Component { return orders.List(list(s)) })
	golden.Hostile(t, func(s string) templ.Component { return orders.Found(found(s)) })
	golden.Hostile(t, func(s string) templ.Component {
		return orders.PassportPage(layout.Frame{Title: "Passport"}, passport(s))
	})
}

func TestLiveRegionHoldsTheWholeCard(t *testing.T) {
	page := golden.Tree(t, text.English, orders.Page(layout.Frame{Title: "Order"}, awaiting("WordPress")))
	region := page.Find("[sse-swap='order/o1']")
	if region.Length() != 1 || region.Find(".tl").Length() != 1 || region.Find("h1").Length() != 0 {
		t.Error("the region that the stream swaps is not the card")
	}
	if got := page.Find("form[data-needs=buy]").Length(); got != 2 {
		t.Errorf("%d controls need the buyer's role, want 2", got)
	}
}
