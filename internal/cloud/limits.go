package cloud

import (
	"math/rand/v2"
	"time"
)

// Rate is how fast and how wide one account may call one service.
type Rate struct {
	PerSecond float64 `json:"per_second"`
	InFlight  int     `json:"in_flight"`
}

// Limits are the rates and times of reliability.md §3 and §6. The zero value of
// a field means its default. ECS, IMS and CES count per region.
type Limits struct {
	HCSS   Rate `json:"hcss"`
	BSS    Rate `json:"bss"`
	ECS    Rate `json:"ecs"`
	Config Rate `json:"config"`
	IAM    Rate `json:"iam"`
	IMS    Rate `json:"ims"`
	CES    Rate `json:"ces"`

	Connect   time.Duration `json:"-"` // to open a connection, and again for TLS; 5 s
	Read      time.Duration `json:"-"` // one read or safe write, whole; 30 s
	Money     time.Duration `json:"-"` // one money call, whole; 60 s
	ReadTotal time.Duration `json:"-"` // a read with its repetitions; 2 min
	SignIn    time.Duration `json:"-"` // an urgent sign-in lets one of the background for the same scope end; 2 s

	Backoff      time.Duration `json:"-"` // first ceiling of the random pause, doubled each time; 1 s
	BackoffMax   time.Duration `json:"-"` // 30 s
	ReadRepeats  int           `json:"-"` // 5
	WriteRepeats int           `json:"-"` // 3

	CircuitFailures int           `json:"-"` // failures in a row that open the circuit; 5
	CircuitOpen     time.Duration `json:"-"` // 30 s
	RetryAfterMax   time.Duration `json:"-"` // longest wait we take from Retry-After; 5 min
	Floor           float64       `json:"-"` // slowest rate after throttling, per second; 0.2
}

// Bounds of an answer (reliability.md §3 and §6).
const (
	maxAnswer      = 8 << 20  // bytes on the wire
	maxUnpacked    = 64 << 20 // bytes after decompression
	maxMoneyAnswer = 1 << 20  // bytes of the answer to a money call
	maxNesting     = 64       // JSON levels
)

// DefaultLimits are the figures of reliability.md §6. Those of IMS and CES
// are ours: nothing is published, so they are treated like ECS.
func DefaultLimits() Limits {
	return Limits{
		HCSS: Rate{0.5, 1}, BSS: Rate{5, 2}, ECS: Rate{5, 4}, Config: Rate{2, 2}, IAM: Rate{1, 1}, IMS: Rate{5, 4}, CES: Rate{5, 4},
		Connect: 5 * time.Second, Read: 30 * time.Second, Money: 60 * time.Second, ReadTotal: 2 * time.Minute, SignIn: 2 * time.Second,
		Backoff: time.Second, BackoffMax: 30 * time.Second, ReadRepeats: 5, WriteRepeats: 3,
		CircuitFailures: 5, CircuitOpen: 30 * time.Second, RetryAfterMax: 5 * time.Minute, Floor: 0.2,
	}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	for _, r := range []struct{ given, usual *Rate }{
		{&l.HCSS, &d.HCSS}, {&l.BSS, &d.BSS}, {&l.ECS, &d.ECS}, {&l.Config, &d.Config}, {&l.IAM, &d.IAM},
		{&l.IMS, &d.IMS}, {&l.CES, &d.CES},
	} {
		orElse(&r.given.PerSecond, r.usual.PerSecond)
		orElse(&r.given.InFlight, r.usual.InFlight)
	}
	orElse(&l.Connect, d.Connect)
	orElse(&l.Read, d.Read)
	orElse(&l.Money, d.Money)
	orElse(&l.ReadTotal, d.ReadTotal)
	orElse(&l.SignIn, d.SignIn)
	orElse(&l.Backoff, d.Backoff)
	orElse(&l.BackoffMax, d.BackoffMax)
	orElse(&l.ReadRepeats, d.ReadRepeats)
	orElse(&l.WriteRepeats, d.WriteRepeats)
	orElse(&l.CircuitFailures, d.CircuitFailures)
	orElse(&l.CircuitOpen, d.CircuitOpen)
	orElse(&l.RetryAfterMax, d.RetryAfterMax)
	orElse(&l.Floor, d.Floor)
	return l
}

func orElse[T ~int | ~int64 | ~float64](given *T, usual T) {
	if *given <= 0 {
		*given = usual
	}
}

func (l Limits) rate(s Service) Rate {
	switch s {
	case HCSS:
		return l.HCSS
	case BSS:
		return l.BSS
	case ECS:
		return l.ECS
	case Config:
		return l.Config
	case IMS:
		return l.IMS
	case CES:
		return l.CES
	default:
		return l.IAM
	}
}

// backoff is a random pause between nothing and a ceiling that doubles.
func (l Limits) backoff(try int) time.Duration {
	ceiling := l.BackoffMax
	if try < 20 {
		ceiling = min(ceiling, l.Backoff<<try)
	}
	return rand.N(ceiling + 1)
}
