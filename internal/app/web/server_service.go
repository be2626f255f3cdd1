package web

import (
	"context"

	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/server"
)

// Servers are the use cases of one server (server.Service). Readings never wait
// for the cloud: "reading/<server id>" tells when one arrived. None of them
// knows whose accounts a person may see: the pages ask the scope.
type Servers interface {
	Row(by person.Actor, id string) (*instance.Row, error)
	Metrics(by person.Actor, id string, span server.Span) (server.Charted, error)
	ResetFlag(by person.Actor, id string) (server.Flag, error)
	Probe(by person.Actor, id string) (server.Probe, error)
	Try(by person.Actor, id string) error // in the background
	Edit(ctx context.Context, by person.Actor, id string, c server.Change) error
	AddTag(ctx context.Context, by person.Actor, id string, t server.Tag) error
	RemoveTag(ctx context.Context, by person.Actor, id string, t server.Tag) error
	// Failures gives the servers that should run and of which the last try found
	// nothing that answers, the newest first.
	Failures(accountIDs []string) []server.Probe
	Screen(ctx context.Context, by person.Actor, id string) (seal.Secret, error)
}

// Details is everything known of an instance and its servers
// (instance.Service).
type Details interface {
	Detail(ctx context.Context, by person.Actor, id string) (instance.Detail, error)
}
