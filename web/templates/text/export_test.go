package text

// DisablePseudo is for tests of what is offered without it: tests run in any order.
func DisablePseudo() { pseudo.Store(false) }
