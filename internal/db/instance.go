package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
)

// Instances is the instance.Store.
type Instances struct{ DB *DB }

const instanceColumns = "id, account_id, name, region, spec, image, address, state, task_state, frozen, server_id, server_name, package_id, " +
	"cloud_order, auto_renew, expires_us, created_us, seen_config_us, seen_ecs_us, seen_bss_us, updated_us, gone_us, " +
	"listed, billed, config_sum, bss_sum, config_lost, bss_lost, missing_us, outside"

// scanRecord reads a row; more are further columns.
func scanRecord(row scanner, more ...any) (instance.Record, error) {
	var r instance.Record
	i := &r.Instance
	var frozen, renew, expires, created, config, ecs, bss, updated, gone int64
	var configSum, bssSum, configLost, bssLost, missing int64
	var listed, billed, outside string
	err := row.Scan(append([]any{&i.ID, &i.AccountID, &i.Name, &i.Region, &i.Spec, &i.Image, &i.Address, &i.State, &i.TaskState, &frozen,
		&i.ServerID, &i.ServerName, &i.PackageID, &i.CloudOrder, &renew, &expires, &created, &config, &ecs, &bss, &updated, &gone,
		&listed, &billed, &configSum, &bssSum, &configLost, &bssLost, &missing, &outside}, more...)...)
	if err != nil {
		return r, err
	}
	i.Frozen, i.AutoRenew = frozen != 0, renew != 0
	i.Expires, i.Created = fromMicros(expires), fromMicros(created)
	i.SeenConfig, i.SeenECS, i.SeenBSS = fromMicros(config), fromMicros(ecs), fromMicros(bss)
	i.UpdatedAt, i.GoneAt = fromMicros(updated), fromMicros(gone)
	r.Seen = [3]time.Time{i.SeenConfig, i.SeenECS, i.SeenBSS}
	r.Sums = [3]uint64{instance.FromConfig: uint64(configSum), instance.FromBSS: uint64(bssSum)}
	r.Lost = [3]bool{instance.FromConfig: configLost != 0, instance.FromBSS: bssLost != 0}
	r.NotSeenSince = fromMicros(missing)
	if listed != "" {
		r.Listed = &instance.Listed{}
	}
	if billed != "" {
		r.Billed = &instance.Expiry{}
	}
	if err := errors.Join(fromJSON(listed, r.Listed), fromJSON(billed, r.Billed), fromJSON(outside, &r.Outside)); err != nil {
		return r, fmt.Errorf("instance %s: %w", i.ID, err)
	}
	r.Fill()
	return r, nil
}

const serverColumns = "id, account_id, instance_id, facts, sum, seen_us, lost, missing_us, outside, updated_us, gone_us"

func scanServer(row scanner) (instance.ServerRecord, error) {
	var r instance.ServerRecord
	var id, facts, outside string
	var sum, seen, lost, missing, updated, gone int64
	if err := row.Scan(&id, &r.AccountID, &r.InstanceID, &facts, &sum, &seen, &lost, &missing, &outside, &updated, &gone); err != nil {
		return r, err
	}
	if err := errors.Join(fromJSON(facts, &r.Server), fromJSON(outside, &r.Outside)); err != nil {
		return r, fmt.Errorf("server %s: %w", id, err)
	}
	r.Server.ID = id
	r.Sum, r.Lost = uint64(sum), lost != 0
	r.Seen, r.NotSeenSince, r.UpdatedAt, r.GoneAt = fromMicros(seen), fromMicros(missing), fromMicros(updated), fromMicros(gone)
	return r, nil
}

func scanBare(row scanner) (instance.Record, error) { return scanRecord(row) }

// Everything gives every instance and server that is not gone.
func (s Instances) Everything(ctx context.Context) ([]instance.Record, []instance.ServerRecord, error) {
	records, err := all(ctx, s.DB, scanBare, "SELECT "+instanceColumns+" FROM instance WHERE gone_us = 0")
	if err != nil {
		return nil, nil, fmt.Errorf("db: instances: %w", err)
	}
	servers, err := all(ctx, s.DB, scanServer, "SELECT "+serverColumns+" FROM server WHERE gone_us = 0")
	if err != nil {
		return nil, nil, fmt.Errorf("db: servers: %w", err)
	}
	return records, servers, nil
}

// Packed gives all packed rows.
func (s Instances) Packed(ctx context.Context, packing string, take func(instance.Packed) error) (bool, error) {
	var kept string
	err := s.DB.Read().QueryRowContext(ctx, "SELECT packing FROM packing").Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) || err == nil && kept != packing {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("db: packing: %w", err)
	}
	rows, err := s.DB.Read().QueryContext(ctx, "SELECT account_id, id, body FROM packed")
	if err != nil {
		return false, fmt.Errorf("db: packed rows: %w", err)
	}
	defer rows.Close()
	var account, id, body sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&account, &id, &body); err != nil {
			return false, fmt.Errorf("db: packed rows: %w", err)
		}
		if err := take(instance.Packed{AccountID: string(account), ID: string(id), Body: body}); err != nil {
			return false, fmt.Errorf("db: packed rows: %w", err)
		}
	}
	return true, rows.Err()
}

// Pack replaces all packed rows. The packing is named last: until then they do
// not count.
func (s Instances) Pack(ctx context.Context, packing string, all []instance.Packed) error {
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM packing")
		if err == nil {
			_, err = tx.ExecContext(ctx, "DELETE FROM packed")
		}
		return err
	})
	if err == nil {
		err = inBatches(all, func(do func(*sql.Tx) error) error { return s.DB.Write(ctx, do) },
			func(tx *sql.Tx, some []instance.Packed) error { return putPacked(ctx, tx, some) })
	}
	if err == nil {
		err = s.DB.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO packing (packing) VALUES ($1)", packing)
			if err == nil { // an account may have been deleted since
				_, err = tx.ExecContext(ctx, "DELETE FROM packed WHERE account_id IN (SELECT id FROM account WHERE deleted_us > 0)")
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("db: pack rows: %w", err)
	}
	return nil
}

// putPacked stores packed rows, and deletes those without a body.
func putPacked(ctx context.Context, tx *sql.Tx, some []instance.Packed) error {
	var kept, ended []instance.Packed
	for _, p := range some {
		if p.Body == nil {
			ended = append(ended, p)
		} else {
			kept = append(kept, p)
		}
	}
	return errors.Join(
		putRows(ctx, tx, "DELETE FROM packed WHERE account_id = $1 AND id = $2", ended,
			func(p instance.Packed) []any { return []any{p.AccountID, p.ID} }),
		putRows(ctx, tx,
			"INSERT INTO packed (account_id, id, body) VALUES ($1, $2, $3) ON CONFLICT (account_id, id) DO UPDATE SET body = excluded.body",
			kept, func(p instance.Packed) []any { return []any{p.AccountID, p.ID, p.Body} }))
}

// idsAtOnce is how many ids one statement asks for.
const idsAtOnce = 200

// in is a list of ids for IN, from argument number first on.
func in(ids []string, first int) (string, []any) {
	var marks []string
	var args []any
	for n, id := range ids {
		marks = append(marks, "$"+strconv.Itoa(first+n))
		args = append(args, id)
	}
	return " IN (" + strings.Join(marks, ", ") + ")", args
}

// Records gives these instances with all their servers, and these servers.
func (s Instances) Records(ctx context.Context, accountID string,
	instanceIDs, serverIDs []string) ([]instance.Record, []instance.ServerRecord, error) {
	if instanceIDs == nil && serverIDs == nil {
		records, err := all(ctx, s.DB, scanBare, "SELECT "+instanceColumns+" FROM instance WHERE account_id = $1", accountID)
		if err != nil {
			return nil, nil, fmt.Errorf("db: instances of %s: %w", accountID, err)
		}
		servers, err := all(ctx, s.DB, scanServer, "SELECT "+serverColumns+" FROM server WHERE account_id = $1", accountID)
		if err != nil {
			return nil, nil, fmt.Errorf("db: servers of %s: %w", accountID, err)
		}
		return records, servers, nil
	}
	var records []instance.Record
	var servers []instance.ServerRecord
	known := make(map[string]bool)
	take := func(column string, ids []string) error {
		for chunk := range slices.Chunk(ids, idsAtOnce) {
			list, args := in(chunk, 2)
			found, err := all(ctx, s.DB, scanServer, "SELECT "+serverColumns+" FROM server WHERE account_id = $1 AND "+column+list,
				append([]any{accountID}, args...)...)
			if err != nil {
				return fmt.Errorf("db: servers of %s: %w", accountID, err)
			}
			for _, r := range found {
				if !known[r.Server.ID] {
					known[r.Server.ID] = true
					servers = append(servers, r)
				}
			}
		}
		return nil
	}
	for chunk := range slices.Chunk(instanceIDs, idsAtOnce) {
		list, args := in(chunk, 2)
		found, err := all(ctx, s.DB, scanBare, "SELECT "+instanceColumns+" FROM instance WHERE account_id = $1 AND id"+list,
			append([]any{accountID}, args...)...)
		if err != nil {
			return nil, nil, fmt.Errorf("db: instances of %s: %w", accountID, err)
		}
		records = append(records, found...)
	}
	return records, servers, errors.Join(take("instance_id", instanceIDs), take("id", serverIDs))
}

// Record gives one instance with its servers and what is in its package.
func (s Instances) Record(ctx context.Context, id string) (instance.Record, []instance.ServerRecord, error) {
	var parts string
	r, err := scanRecord(s.DB.Read().QueryRowContext(ctx,
		"SELECT "+instanceColumns+", parts FROM instance WHERE id = $1 ORDER BY gone_us LIMIT 1", id), &parts)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil, fault.New(fault.NotFound, "instance.missing")
	}
	if err == nil && r.Listed != nil {
		err = fromJSON(parts, &r.Listed.Parts)
	}
	if err != nil {
		return r, nil, fmt.Errorf("db: instance %s: %w", id, err)
	}
	servers, err := all(ctx, s.DB, scanServer, "SELECT "+serverColumns+" FROM server WHERE account_id = $1 AND instance_id = $2",
		r.AccountID, id)
	if err != nil {
		return r, nil, fmt.Errorf("db: servers of %s: %w", id, err)
	}
	return r, servers, nil
}

// Raws gives the raw answers about these ids.
func (s Instances) Raws(ctx context.Context, accountID string, ids []string) ([]instance.Raw, error) {
	var raws []instance.Raw
	for chunk := range slices.Chunk(ids, idsAtOnce) {
		list, args := in(chunk, 2)
		found, err := all(ctx, s.DB, scanRaw, "SELECT source, id, at_us, body FROM raw_answer WHERE account_id = $1 AND id"+list+
			" ORDER BY source, id", append([]any{accountID}, args...)...)
		if err != nil {
			return nil, fmt.Errorf("db: raw answers of %s: %w", accountID, err)
		}
		raws = append(raws, found...)
	}
	return raws, nil
}

func scanRaw(row scanner) (instance.Raw, error) {
	var r instance.Raw
	var at int64
	var source int
	err := row.Scan(&source, &r.ID, &at, &r.Body)
	r.Source, r.At = instance.Source(source), fromMicros(at)
	return r, err
}

// batch is how many rows one transaction writes, so that a purchase that wants
// to write waits for milliseconds only.
const batch = 500

// Keep stores servers, instances, packed rows and raw answers of an account.
// What the rows are made of comes first: rows that are behind are noticed by the
// next refresh, rows that are ahead would not be.
func (s Instances) Keep(ctx context.Context, accountID string, k instance.Kept) error {
	write := func(do func(tx *sql.Tx) error) error {
		err := s.DB.Write(ctx, func(tx *sql.Tx) error {
			if deleted, err := accountDeleted(ctx, tx, accountID); err != nil || deleted {
				return err
			}
			return do(tx)
		})
		if err != nil {
			return fmt.Errorf("db: keep instances of %s: %w", accountID, err)
		}
		return nil
	}
	return errors.Join(
		inBatches(k.Servers, write, func(tx *sql.Tx, some []instance.ServerRecord) error {
			return putRows(ctx, tx, putServer, some, serverValues)
		}),
		inBatches(k.Instances, write, func(tx *sql.Tx, some []instance.Record) error {
			return putRows(ctx, tx, putInstance, some, instanceValues)
		}),
		inBatches(k.Raws, write, func(tx *sql.Tx, some []instance.Raw) error {
			return putRows(ctx, tx, putRaw, some,
				func(r instance.Raw) []any { return []any{accountID, int64(r.Source), r.ID, micros(r.At), r.Body} })
		}),
		inBatches(k.Packed, write, func(tx *sql.Tx, some []instance.Packed) error { return putPacked(ctx, tx, some) }))
}

// inBatches writes a transaction for each batch, until one fails.
func inBatches[T any](all []T, write func(func(tx *sql.Tx) error) error, put func(tx *sql.Tx, some []T) error) error {
	for some := range slices.Chunk(all, batch) {
		if err := write(func(tx *sql.Tx) error { return put(tx, some) }); err != nil {
			return err
		}
	}
	return nil
}

// accountDeleted reports whether the account was deleted while a refresh was
// under way: its picture must not come back.
func accountDeleted(ctx context.Context, tx *sql.Tx, id string) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM account WHERE id = $1 AND deleted_us > 0", id).Scan(&n)
	return n > 0, err
}

func putRows[T any](ctx context.Context, tx *sql.Tx, statement string, rows []T, values func(T) []any) error {
	if len(rows) == 0 {
		return nil
	}
	put, err := tx.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	defer put.Close()
	for _, r := range rows {
		if _, err := put.ExecContext(ctx, values(r)...); err != nil {
			return err
		}
	}
	return nil
}

// upsert is a statement that stores whole rows.
func upsert(table, columns, key string) string {
	var marks, sets []string
	for n, c := range strings.Split(columns, ", ") {
		marks = append(marks, "$"+strconv.Itoa(n+1))
		if !slices.Contains(strings.Split(key, ", "), c) {
			sets = append(sets, c+" = excluded."+c)
		}
	}
	return "INSERT INTO " + table + " (" + columns + ") VALUES (" + strings.Join(marks, ", ") + ") ON CONFLICT (" + key +
		") DO UPDATE SET " + strings.Join(sets, ", ")
}

var (
	// What is in a package is kept when it was not read along.
	putInstance = strings.Replace(upsert("instance", instanceColumns+", name_key, parts", "account_id, id"),
		"parts = excluded.parts", "parts = CASE WHEN excluded.parts <> '' THEN excluded.parts ELSE instance.parts END", 1)
	putServer = upsert("server", serverColumns, "account_id, id")
	putRaw    = upsert("raw_answer", "account_id, source, id, at_us, body", "account_id, source, id")
)

func instanceValues(r instance.Record) []any {
	i := r.Instance
	listed, billed, parts, outside := "", "", "", ""
	if r.Listed != nil {
		listed = toJSON(r.Listed)
		parts = r.Listed.PartsJSON()
	}
	if r.Billed != nil {
		billed = toJSON(r.Billed)
	}
	if len(r.Outside) > 0 {
		outside = toJSON(r.Outside)
	}
	return []any{i.ID, i.AccountID, i.Name, i.Region, i.Spec, i.Image, i.Address, i.State, i.TaskState, bit(i.Frozen), i.ServerID,
		i.ServerName, i.PackageID, i.CloudOrder, bit(i.AutoRenew), micros(i.Expires), micros(i.Created),
		micros(r.Seen[instance.FromConfig]), micros(i.SeenECS), micros(r.Seen[instance.FromBSS]), micros(i.UpdatedAt), micros(i.GoneAt),
		listed, billed, int64(r.Sums[instance.FromConfig]), int64(r.Sums[instance.FromBSS]), bit(r.Lost[instance.FromConfig]),
		bit(r.Lost[instance.FromBSS]), micros(r.NotSeenSince), outside, labelKey(i.Name), parts}
}

func serverValues(r instance.ServerRecord) []any {
	outside := ""
	if len(r.Outside) > 0 {
		outside = toJSON(r.Outside)
	}
	return []any{r.Server.ID, r.AccountID, r.InstanceID, toJSON(r.Server), int64(r.Sum), micros(r.Seen), bit(r.Lost),
		micros(r.NotSeenSince), outside, micros(r.UpdatedAt), micros(r.GoneAt)}
}

// Names gives the names of an account's rows that are not gone.
func (s Instances) Names(ctx context.Context, accountID string) ([]string, error) {
	names, err := columnOf(ctx, s.DB.Read(),
		"SELECT name FROM instance WHERE gone_us = 0 AND account_id = $1 AND name <> '' ORDER BY name_key, id", accountID)
	if err != nil {
		return nil, fmt.Errorf("db: names of %s: %w", accountID, err)
	}
	return names, nil
}

// NameTaken reports whether a row that is not gone has the name.
func (s Instances) NameTaken(ctx context.Context, accountID, name string) (bool, error) {
	var n int
	err := s.DB.Read().QueryRowContext(ctx,
		"SELECT COUNT(*) FROM (SELECT 1 FROM instance WHERE gone_us = 0 AND account_id = $1 AND name_key = $2 LIMIT 1) AS one",
		accountID, labelKey(name)).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("db: name in %s: %w", accountID, err)
	}
	return n > 0, nil
}

// Unready gives the orders whose rows lack server or address.
func (s Instances) Unready(ctx context.Context, since time.Time) ([]instance.Pending, error) {
	orders, err := all(ctx, s.DB, func(row scanner) (instance.Pending, error) {
		var p instance.Pending
		err := row.Scan(&p.AccountID, &p.CloudOrder)
		return p, err
	}, "SELECT DISTINCT account_id, cloud_order FROM instance WHERE gone_us = 0 AND cloud_order <> '' AND created_us >= $1 "+
		"AND (address = '' OR seen_ecs_us = 0) ORDER BY account_id, cloud_order", micros(since))
	if err != nil {
		return nil, fmt.Errorf("db: orders to watch: %w", err)
	}
	return orders, nil
}
