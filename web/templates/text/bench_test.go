package text_test

import "testing"

func BenchmarkT(b *testing.B) {
	p := printer("zh-Hans")
	for b.Loop() {
		p.T("layout.person", "Name", "Mei")
	}
}

func BenchmarkPlain(b *testing.B) {
	p := printer("zh-Hans")
	for b.Loop() {
		p.T("common.copy")
	}
}
