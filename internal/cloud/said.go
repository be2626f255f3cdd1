package cloud

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// said is what the body of an answer says about a failure.
type said struct {
	code      string   // the cloud's code
	details   []string // codes of error.details, the most specific ones
	message   string   // the cloud's words, cut at 500 bytes, secrets taken out
	requestID string   // gateways put it into the body
}

// failure accepts the three shapes of error bodies (cloud-api, 3.6), codes as
// text or as number, and what batch calls add.
type failure struct {
	ErrorCode Text `json:"error_code"`
	ErrorMsg  Text `json:"error_msg"`
	Code      Text `json:"code"`
	Message   Text `json:"message"`
	RequestID Text `json:"request_id"`
	Details   Loose[struct {
		Code Text `json:"code"`
	}] `json:"details"` // of CES, where the code outside is the status
	Error Loose[struct {
		Code    Text `json:"code"`
		Message Text `json:"message"`
		Details Loose[[]struct {
			Code    Text `json:"code"`
			Message Text `json:"message"`
		}] `json:"details"`
	}] `json:"error"`
}

// longestRefusal that can hide in a 2xx; longer ones are lists.
const longestRefusal = 16 << 10

// parse reads the words of a failure out of the body. Text that is not JSON is
// not kept: it may be a portal's page.
func (o *outcome) parse(secrets []string) {
	var f failure
	if o.status < 300 && len(o.body) > longestRefusal {
		return
	}
	if len(o.body) == 0 || o.bodyErr != nil || tooDeep(o.body) || json.Unmarshal(o.body, &f) != nil {
		return
	}
	e := f.Error.V
	o.said.code = plain(first(f.ErrorCode, e.Code, f.Details.V.Code, f.Code), 64)
	o.said.requestID = plain(string(f.RequestID), 128)
	message := first(f.ErrorMsg, e.Message, f.Message)
	for _, d := range e.Details.V {
		if d.Code != "" {
			o.said.details = append(o.said.details, plain(string(d.Code), 64))
		}
		if message == "" {
			message = string(d.Message)
		}
	}
	for _, s := range secrets {
		message = strings.ReplaceAll(message, s, "***")
	}
	o.said.message = plain(message, 500)
}

func first(texts ...Text) string {
	for _, t := range texts {
		if t != "" {
			return string(t)
		}
	}
	return ""
}

// plain makes one line of text from the cloud, cut at a character's edge.
func plain(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) <= limit {
		return s
	}
	s = s[:limit]
	for len(s) > 0 && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s
}
