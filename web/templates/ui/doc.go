// Package ui holds the parts that pages are built of: buttons, fields, states,
// panels, timelines. Their look is the stylesheet's, their contract the
// design's: every part works by keyboard and without script, says its state in
// words, and carries no style, no handler and no script of its own.
//
// # How a page is written
//
// A page package (web/templates/orders) declares its model beside its
// component, in strings and booleans that are ready to show; the handler words
// amounts and times with text.Printer and fills it:
//
//	// ListModel is everything the page of orders shows.
//	type ListModel struct {
//		Rows []Row
//	}
//
//	templ Page(f layout.Frame, m ListModel) {
//		@layout.Page(f) {
//			@ui.Head(ui.HeadModel{Title: text.T(ctx, "orders.title")}) {
//				@ui.Live()
//				@ui.Button(ui.Action{Label: text.T(ctx, "orders.buy"), Href: "/buy", Icon: "plus", Kind: ui.Primary})
//			}
//			@List(m)
//		}
//	}
//
//	templ List(m ListModel) { // one component for each swap target
//		<div id="orders" sse-swap="orders" hx-swap="morph:innerHTML">…</div>
//	}
//
// Words come from the catalogues by text.T and text.N; names that people or the
// cloud chose are written with Name, which isolates them. The stream event that
// an element waits for stands in its sse-swap; the topics go into Frame.Topics.
//
// Components are tested against golden files (package golden):
//
//	func TestList(t *testing.T) {
//		golden.Check(t, "list", orders.List(model))
//		golden.Hostile(t, func(s string) templ.Component { return orders.List(with(s)) })
//	}
//
// What the script does for a page is asked for by attributes: data-copy,
// data-reveal, data-dialog, data-close, data-busy, data-focus, data-relative.
// See web/static/js/app.js. An element that asks by itself, because the stream
// said so, carries data-live-part (stream.js): its requests do not keep a session
// alive.
package ui
