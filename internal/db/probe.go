package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sampan/internal/app/server"
)

// Probes keeps the last try of each server's ports.
type Probes struct{ DB *DB }

var _ server.Probes = Probes{}

// Probes gives the newest tries, the newest first.
func (s Probes) Probes(ctx context.Context, most int) ([]server.Probe, error) {
	probes, err := all(ctx, s.DB, func(row scanner) (server.Probe, error) {
		var p server.Probe
		var ports, trouble string
		var at int64
		if err := row.Scan(&p.ServerID, &p.AccountID, &p.Address, &ports, &trouble, &at); err != nil {
			return p, err
		}
		p.At = fromMicros(at)
		err := errors.Join(fromJSON(ports, &p.Ports), fromJSON(trouble, &p.Trouble))
		return p, err
	}, "SELECT server_id, account_id, address, ports, trouble, at_us FROM probe ORDER BY at_us DESC LIMIT $1", most)
	if err != nil {
		return nil, fmt.Errorf("db: probes: %w", err)
	}
	return probes, nil
}

// SaveProbe replaces the last try of the server, and deletes the oldest tries
// beyond most.
func (s Probes) SaveProbe(ctx context.Context, p server.Probe, most int) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO probe (server_id, account_id, address, ports, trouble, at_us) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (server_id) DO UPDATE SET account_id = excluded.account_id, address = excluded.address, ports = excluded.ports,
				trouble = excluded.trouble, at_us = excluded.at_us`,
			p.ServerID, p.AccountID, p.Address, toJSON(p.Ports), messageText(p.Trouble), micros(p.At)); err != nil {
			return fmt.Errorf("db: probe of %s: %w", p.ServerID, err)
		}
		if _, err := tx.ExecContext(ctx,
			"DELETE FROM probe WHERE server_id IN (SELECT server_id FROM probe ORDER BY at_us DESC, server_id LIMIT -1 OFFSET $1)",
			most); err != nil {
			return fmt.Errorf("db: old probes: %w", err)
		}
		return nil
	})
}
