package app

import "time"

// Rate is how often one service of one account may be called.
type Rate struct {
	PerSecond float64 `json:"per_second"`
	InFlight  int     `json:"in_flight"`
}

// Limits are the figures of reliability.md §6 (rates towards the cloud) and §8
// (limits towards browsers). CONSOLE_LIMITS_FILE may change some or all.
type Limits struct {
	Rates map[string]Rate `json:"rates"` // by service: hcss, bss, ecs, config, iam, ims, ces
	HTTP  HTTPLimits      `json:"limits"`
}

// HTTPLimits bound what a browser may ask for.
type HTTPLimits struct {
	FormKiB               int      `json:"form_kib"`
	FormFields            int      `json:"form_fields"`
	BigFormKiB            int      `json:"big_form_kib"` // purchase and selection forms
	BigFormFields         int      `json:"big_form_fields"`
	HeaderKiB             int      `json:"header_kib"`
	HeaderRead            Duration `json:"header_read"`
	BodyRead              Duration `json:"body_read"`
	Write                 Duration `json:"write"`
	EventWrite            Duration `json:"event_write"`
	Idle                  Duration `json:"idle"`
	ConnectionsPerAddress int      `json:"connections_per_address"`
	StreamsPerPerson      int      `json:"streams_per_person"`
	EventsPerStream       int      `json:"events_per_stream"`
}

// DefaultLimits gives the figures of reliability.md.
func DefaultLimits() Limits {
	return Limits{
		Rates: map[string]Rate{
			"hcss":   {PerSecond: 0.5, InFlight: 1},
			"bss":    {PerSecond: 5, InFlight: 2},
			"ecs":    {PerSecond: 5, InFlight: 4},
			"config": {PerSecond: 2, InFlight: 2},
			"iam":    {PerSecond: 1, InFlight: 1},
			"ims":    {PerSecond: 5, InFlight: 4},
			"ces":    {PerSecond: 5, InFlight: 4},
		},
		HTTP: HTTPLimits{
			FormKiB: 64, FormFields: 200, BigFormKiB: 1024, BigFormFields: 2000, HeaderKiB: 16,
			HeaderRead: Duration(5 * time.Second), BodyRead: Duration(15 * time.Second), Write: Duration(30 * time.Second),
			EventWrite: Duration(10 * time.Second), Idle: Duration(60 * time.Second),
			ConnectionsPerAddress: 100, StreamsPerPerson: 20, EventsPerStream: 64,
		},
	}
}
