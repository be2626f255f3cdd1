package live

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Frames that are the same for everybody.
var (
	beatFrame   = frame("beat", nil) // an event, for a browser shows no comment to the page, which waits for it
	helloFrame  = []byte("retry: 3000\n\n")
	resyncFrame = frame("resync", nil) // the browser was too slow: its next stream brings everything anew
	endFrame    = frame("end", nil)    // the session is over
)

// partingFrame is the hint with which streams end at a shutdown: the browsers
// come back spread over some seconds, not all at once.
func partingFrame() []byte {
	return fmt.Appendf(nil, "retry: %d\n\n", 1000+rand.IntN(4000))
}

// frame is one event: a data line for each line of the body, or the browser
// would take the rest of a line for a field of its own.
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
