// Package setting keeps what an owner decides about the whole console.
package setting

import (
	"context"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// The names under which settings are stored.
const (
	allowDeduct = "allow_deduct"
	intentTag   = "intent_tag"
)

// Store keeps settings by name (db.Settings).
type Store interface {
	// Setting gives a stored value; ok is false when none was stored.
	Setting(ctx context.Context, name string) (value string, ok bool, err error)
	// PutSetting stores a value and the audit row in one transaction.
	PutSetting(ctx context.Context, name, value string, e audit.Entry) error
}

// Service reads and changes settings. It is safe for concurrent use; every
// read asks the store, so a change counts at once.
type Service struct{ Store Store }

// AllowDeduct reports whether people may have Huawei deduct the money at once,
// with no cap (reliability.md §2). It is off unless an owner allowed it.
func (s *Service) AllowDeduct(ctx context.Context) (bool, error) {
	return s.truth(ctx, allowDeduct, false)
}

// SetAllowDeduct changes AllowDeduct; it is for those who may manage settings.
func (s *Service) SetAllowDeduct(ctx context.Context, by person.Actor, allow bool) error {
	return s.setTruth(ctx, by, allowDeduct, allow)
}

// IntentTag reports whether orders carry the tag by which they are found again
// (reliability.md §3). It is on unless an owner switched it off.
func (s *Service) IntentTag(ctx context.Context) (bool, error) {
	return s.truth(ctx, intentTag, true)
}

// SetIntentTag changes IntentTag; it is for those who may manage settings.
func (s *Service) SetIntentTag(ctx context.Context, by person.Actor, send bool) error {
	return s.setTruth(ctx, by, intentTag, send)
}

func (s *Service) truth(ctx context.Context, name string, unset bool) (bool, error) {
	v, ok, err := s.Store.Setting(ctx, name)
	if err != nil || !ok {
		return unset && err == nil, err // a setting that cannot be read counts as off
	}
	return v == "on", nil
}

func (s *Service) setTruth(ctx context.Context, by person.Actor, name string, on bool) error {
	if !by.May(person.ManageSettings) {
		return fault.New(fault.Forbidden, "fault.forbidden")
	}
	v := "off"
	if on {
		v = "on"
	}
	return s.Store.PutSetting(ctx, name, v, audit.By(by, "setting.change", name).With("value", v).Ended("ok"))
}
