// Package orders holds the pages of orders: one order with its timeline, the
// list of all, and the passport for a support ticket.
//
// The page of an order is made of parts that the stream swaps: the card with
// timeline and facts, and, by their ids, the state, the sentence and the
// actions of the page's head. What watchers get is rendered once for all of
// them, so it holds the controls of every role; the page's outermost element
// says what its reader may do, and the stylesheet hides the rest. The server
// alone decides what a person may do.
package orders
