package sandbox

// Mishaps are all calls and kinds the page can ask for.
func Mishaps() map[string][]Fault {
	out := make(map[string][]Fault)
	for _, g := range mishaps {
		for _, m := range g.mishaps {
			out[m.key] = m.faults
		}
	}
	return out
}
