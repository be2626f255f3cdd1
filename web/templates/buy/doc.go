// Package buy holds the pages of the purchase: the wizard with its five
// sections, and the matrix of what goes together.
//
// The wizard is one component, Wizard, in one swap target, #wizard: the page
// shows it, a changed choice swaps it, a refused Continue shows it again. Its
// form works without script: every choice has a Continue, every filter is a
// submit button, and previews are the same address by GET.
package buy
