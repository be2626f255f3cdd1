package live

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Frames that are the same for everybody.
var (
	beatFrame   = frame("beat", nil) // an event and not a comment: the page waits for it, and browsers do not pass comments on
	helloFrame  = []byte("retry: 3000\n\n")
	resyncFrame = frame("resync", nil) // the browser was too slow: its next stream brings everything anew
	endFrame    = frame("end", nil)    // the session is over
)

// partingFrame is the hint with which streams end at a shutdown: the browsers
// come back spread over some seconds, not all at once.
func partingFrame() []byte {
	return fmt.Appendf(nil, "retry: %d\n\n", 1000+rand.IntN(4000))
}

// frame is one event. Each line of the body is a data line of its own: the browser
// would read a line without "data:" as another field.
func frame(event string, body []byte) []byte {
	body = bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	body = bytes.ReplaceAll(body, []byte("\r"), []byte("\n"))
	var b bytes.Buffer
	b.Grow(len(event) + len(body) + 64)
	b.WriteString("event: " + event + "\n")
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		b.WriteString("data: ")
		b.Write(line)
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// checkTopics refuses what could not be an event's name.
func checkTopics(topics []string) error {
	for _, t := range topics {
		if t == "" || len(t) > 200 || strings.ContainsFunc(t, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return ErrTopic
		}
	}
	if len(topics) == 0 {
		return ErrTopic
	}
	return nil
}
