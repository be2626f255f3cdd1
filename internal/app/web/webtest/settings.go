package webtest

import (
	"context"

	"sampan/internal/app/person"
)

// settings keeps two switches.
type settings struct {
	Deduct, Tag bool
	Err         error // what every change answers, when set
	ReadErr     error // what every question answers, when set
}

func (s *settings) AllowDeduct(context.Context) (bool, error) { return s.Deduct, s.ReadErr }

func (s *settings) IntentTag(context.Context) (bool, error) { return s.Tag, s.ReadErr }

func (s *settings) SetAllowDeduct(_ context.Context, _ person.Actor, on bool) error {
	if s.Err == nil {
		s.Deduct = on
	}
	return s.Err
}

func (s *settings) SetIntentTag(_ context.Context, _ person.Actor, on bool) error {
	if s.Err == nil {
		s.Tag = on
	}
	return s.Err
}
