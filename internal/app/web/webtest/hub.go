package webtest

import (
	"io"
	"net/http"
	"strings"

	"sampan/internal/app/live"
)

// Hub writes what it was asked to serve.
type Hub struct{ Viewer live.Viewer }

func (h *Hub) Serve(w http.ResponseWriter, _ *http.Request, topics []string, v live.Viewer, l live.Locale) error {
	h.Viewer = v
	w.Header().Set("Content-Type", "text/event-stream")
	_, err := io.WriteString(w, strings.Join(topics, " ")+" "+l.Lang+" "+l.Zone)
	return err
}
