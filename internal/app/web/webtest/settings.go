package webtest

import (
	"context"

	"sampan/internal/app/person"
)

// settings keeps two switches.
type settings struct{ Deduct, Tag bool }

func (s *settings) AllowDeduct(context.Context) (bool, error) { return s.Deduct, nil }

func (s *settings) IntentTag(context.Context) (bool, error) { return s.Tag, nil }

func (s *settings) SetAllowDeduct(_ context.Context, _ person.Actor, on bool) error {
	s.Deduct = on
	return nil
}

func (s *settings) SetIntentTag(_ context.Context, _ person.Actor, on bool) error {
	s.Tag = on
	return nil
}
