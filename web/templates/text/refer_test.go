package text_test

import (
	"testing"

	"sampan/web/templates/text"
)

func TestValuesThatAreWordsOfTheCatalogue(t *testing.T) {
	tests := []struct{ name, lang, value, want string }{
		{"one region", text.English, "@region.tr-west-1", "CentOS 8.2 is not offered in Istanbul."},
		{"two regions", text.English, "@region.tr-west-1, @region.me-east-1", "CentOS 8.2 is not offered in Istanbul and Riyadh."},
		{"a region without a word between", text.English, "@region.tr-west-1, xx-east-1, @region.me-east-1", "CentOS 8.2 is not offered in Istanbul, xx-east-1 and Riyadh."},
		{"an unknown word stands as it is", text.English, "@nobody", "CentOS 8.2 is not offered in @nobody."},
		{"in Chinese", text.Chinese, "@region.tr-west-1, @region.me-east-1", "CentOS 8.2 不在伊斯坦布尔和利雅得提供。"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := text.New(tt.lang, nil)
			if got := p.Say("catalog.region.excluded", map[string]string{"Image": "CentOS 8.2", "Regions": tt.value}); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
