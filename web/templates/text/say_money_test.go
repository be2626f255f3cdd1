package text_test

import (
	"testing"

	"sampan/web/templates/text"
)

func TestAmountsOfAStoredMessageAreWorded(t *testing.T) {
	v := map[string]string{"Money": "1412.4 USD", "Cap": "30 USD"}
	want := "Huawei wants US$\u00a01,412.40, more than the US$\u00a030.00 you set. Nothing was paid. Pay it, or cancel the order."
	if got := text.New(text.English, nil).Say("order.cap.more", v); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
