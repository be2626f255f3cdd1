package app

import (
	"io"
	"log/slog"
)

// newLog makes the one logger of a process.
func newLog(cfg Config, to io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, o))
	}
	return slog.New(slog.NewTextHandler(to, o))
}
