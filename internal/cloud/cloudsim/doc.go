// Package cloudsim is the Sandbox: Huawei Cloud's side of the wire, as far as the console calls it.
//
// It is an HTTP service that speaks IAM, HCSS (purchase), Config, ECS, CES, BSS and IMS under one base URL; the services are
// told apart by path, the region by the project. It verifies signatures (SDK-HMAC-SHA256) and tokens, refuses whatever
// the API Reference refuses, keeps orders and instances in a journal that survives a crash, and misbehaves on demand.
// It shares no types with the adapters, so that both sides cannot be wrong together, and needs only the standard
// library.
//
// # What it is not
//
// Its prices are invented and say so: every product id begins with "OFFISIMULATED", every service name ends in
// "(simulated)". Metrics and daily use are invented too: the same question always has the same answer. Renewal,
// unsubscription, power actions and password resets are not answered yet (404 APIGW.0101, as a gateway does for a path it
// does not know). An instance with automatic renewal carries the mark and expires all the same.
//
// # Time
//
// Orders, expiry dates, payment deadlines and tokens follow the Sandbox's calendar: the real clock plus an offset that
// can be moved. Signature dates and Date headers stay on the real clock. What an order takes (seconds) is divided by
// Options.TimeScale. Nothing runs in the background: every state is a function of the calendar, so moving it is enough
// to see an order completed.
//
// # Control API
//
// Under /_sandbox/, JSON, answered only to requests whose Host is localhost or a loopback address (403 otherwise) and
// that no other web page sent. Errors are {"error":"sentence"}.
//
//	GET    /_sandbox/accounts         {"accounts":[Account…]}, with their keys and passwords
//	POST   /_sandbox/accounts         Account without id → 201 Account (what is left out is made up);
//	                                  with the id of an existing one: replaces its settings, 200
//	GET    /_sandbox/faults           {"faults":[Fault…]}: those that can still happen
//	POST   /_sandbox/faults           Fault → 201 Fault with its id; {"faults":[…]} adds several
//	DELETE /_sandbox/faults[/{id}]    all of them, or one → 204
//	GET    /_sandbox/clock            {"now":"2025-08-15T12:00:00Z","offset_us":0}
//	POST   /_sandbox/clock            {"advance":"72h"} or {"set":"2025-09-01T00:00:00Z"} → the clock as by GET
//	POST   /_sandbox/reset            orders, instances, images, faults, clock and balances as on the first day;
//	                                  accounts and their keys stay → 204
//	POST   /_sandbox/fleet            {"account":"id or name","count":40} → {"added":40,"instances":40}
//	POST   /_sandbox/fleets           {"fleets":[FleetOf…]}, {} for 1,240 servers of three accounts → {"accounts":[…]}
//	POST   /_sandbox/revoke           {"account":"id or name","revoked":true}: its key does not work any more → 204
//	POST   /_sandbox/outside          Outside → Changed: somebody changes a server without the console
//	POST   /_sandbox/foreign          Foreign, with "ago":"5m" → 201 {"orders":["CS…"]}: somebody buys without the console
//	POST   /_sandbox/dial             {"address":"198.18.0.1","port":22} → {"answers":true}: would that port answer?
//	GET    /_sandbox/screen?token=…   the page that a remote console's address leads to; each opens once
//	POST   /_sandbox/images           Image → 201 Image with its id
//	GET    /_sandbox/options          {"odoo":false}
//	POST   /_sandbox/options          {"odoo":true}: the purchase takes "Odoo" instead of the reference's "Odo"
//	GET    /_sandbox/ledger           Ledger: every purchase that took effect, and the last requests on the wire
//
// The same is open to Go tests as methods of Cloud. See Fault for the calls and kinds of misbehaviour.
//
// [Start] runs a Sandbox for a test.
package cloudsim
