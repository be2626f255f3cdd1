package web_test

import (
	"io"
	"log/slog"
)

// logTo makes a logger whose lines a test can read.
func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
