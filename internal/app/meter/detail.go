package meter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// Detail is everything that is known of one package.
type Detail struct {
	PackageID string
	Meter     Meter
	Forecast  Forecast
	Samples   []Sample // since the moment asked for, oldest first
	Uses      []Use    // the cloud's own daily records, oldest first
	Reading   bool     // newer figures or records are being read
	// Trouble is why the last reading of this package alone failed, at TroubleAt;
	// zero: it succeeded, or there was none.
	Trouble   fault.Message
	TroubleAt time.Time
}

// Detail gives what is known of a package since a moment. It never waits for the
// cloud: usage records that were never read, or not for a day, are asked for in
// the background, and topic "traffic" tells when they are there. The caller
// checks that the person may see the account. It fails with fault.Forbidden, and
// with fault.NotFound when packageID is "".
func (s *Service) Detail(ctx context.Context, by person.Actor, accountID, packageID string, since time.Time) (Detail, error) {
	if err := may(by, person.See); err != nil {
		return Detail{}, err
	}
	if packageID == "" {
		return Detail{}, fault.New(fault.NotFound, "traffic.nopackage")
	}
	d := Detail{PackageID: packageID}
	meters, err := s.Store.Meters(ctx, []string{packageID})
	if err != nil {
		return d, fmt.Errorf("traffic: %s: %w", packageID, err)
	}
	if len(meters) > 0 {
		d.Meter = meters[0]
		if d.Samples, err = s.Store.Samples(ctx, packageID, since); err != nil {
			return d, fmt.Errorf("traffic: samples of %s: %w", packageID, err)
		}
		if d.Uses, err = s.Store.Uses(ctx, packageID); err != nil {
			return d, fmt.Errorf("traffic: use of %s: %w", packageID, err)
		}
	}
	now := s.Now()
	d.Samples = slices.DeleteFunc(d.Samples, func(o Sample) bool { return o.At.After(now.Add(time.Minute)) }) // the clock was set back
	if want := d.wants(now); want != (request{}) && !s.attemptedLately(packageID, now) {
		want.accountID = accountID
		s.ask(packageID, want)
	}
	d.Forecast = Look(d.Meter, d.pace(now), now)
	d.Reading = s.reading(packageID)
	d.Trouble, d.TroubleAt = s.trouble(packageID)
	return d, nil
}

// pace is the pace by the samples; by the cloud's records while there are too few
// samples.
func (d Detail) pace(now time.Time) Pace {
	if d.Meter.Last.At.IsZero() {
		return Pace{}
	}
	p := PaceOf(append(slices.Clone(d.Meter.Marks), d.Meter.Last))
	if !p.Known() {
		p = PaceOfUse(d.Uses, time.Time{}, now)
	}
	return p
}

// usesOld is from which age on usage records are read again: the cloud makes them
// by the day.
const usesOld = 24 * time.Hour

// wants gives what is to be read of the package now, because a person looks at
// it.
func (d Detail) wants(now time.Time) request {
	var r request
	r.read = d.Meter.ReadAt.IsZero()
	r.uses = d.Meter.UseAt.IsZero() || now.Sub(d.Meter.UseAt) >= usesOld || d.Meter.UseAt.After(now)
	return r
}

// Check asks for newer figures of one package, in the background. It fails with
// fault.Forbidden, with fault.NotFound when packageID is "", and with the fault
// of an account that cannot be read.
func (s *Service) Check(ctx context.Context, by person.Actor, accountID, packageID string) error {
	if err := may(by, person.Refresh); err != nil {
		return err
	}
	if packageID == "" {
		return fault.New(fault.NotFound, "traffic.nopackage")
	}
	if _, err := s.Accounts.Access(ctx, accountID); err != nil {
		return fmt.Errorf("traffic: check %s: %w", packageID, err)
	}
	s.ask(packageID, request{accountID: accountID, read: true})
	return nil
}
