package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"yanlu/internal/store"
)

//go:embed seed.sql
var seed string

// dropTimeout bounds the removal of the database after a run, also one that
// was interrupted.
const dropTimeout = 30 * time.Second

// database is the one that the bench makes for itself.
type database struct {
	server string // address of a database of the same server that is there already
	name   string
	url    string
}

// createDatabase makes an empty database of the given name on a server. One of
// that name that an earlier run has left is dropped, unless it is in use.
func createDatabase(ctx context.Context, server, name string) (database, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" {
		return database{}, errors.New("the address of PostgreSQL must be like postgres://USER@HOST:PORT")
	}
	d := database{server: server, name: name}
	u.Path = "/" + name
	d.url = u.String()
	if err := d.drop(ctx); err != nil {
		return database{}, err
	}
	return d, d.admin(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
}

// drop removes the database.
func (d database) drop(ctx context.Context) error {
	return d.admin(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{d.name}.Sanitize())
}

// dropAfter removes the database even when ctx has ended.
func (d database) dropAfter(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTimeout)
	defer cancel()
	return d.drop(ctx)
}

func (d database) admin(ctx context.Context, sql string) error { return execute(ctx, d.server, sql) }

// execute runs statements on a connection of their own, one string after the
// other.
func execute(ctx context.Context, address string, statements ...string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("reach postgres: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%.60s…: %w", sql, err)
		}
	}
	return nil
}

// fill brings the schema to this version and fills it. The statistics and the
// visibility map are made up to date, because a server may have no autovacuum.
func (d database) fill(ctx context.Context, matters int) error {
	db, err := store.Open(ctx, d.url, store.Options{MaxOpenConns: 2})
	if err != nil {
		return err
	}
	if err := errors.Join(db.Migrate(ctx), db.Close()); err != nil {
		return err
	}
	return execute(ctx, d.url, "SET bench.matters = "+strconv.Itoa(matters), seed, "VACUUM (ANALYZE)")
}

// target is a matter with the number of its institution.
type target struct {
	id          string
	institution int
}

// targets returns matters to read, chosen at random.
func (d database) targets(ctx context.Context, limit int) ([]target, error) {
	conn, err := pgx.Connect(ctx, d.url)
	if err != nil {
		return nil, fmt.Errorf("reach postgres: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	rows, err := conn.Query(ctx, `SELECT m.id::text, b.n FROM matters AS m
		JOIN (SELECT id, row_number() OVER (ORDER BY length(name), name) AS n FROM institutions) AS b ON b.id = m.institution_id
		ORDER BY random() LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("choose matters: %w", err)
	}
	chosen, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t target, err error) {
		return t, row.Scan(&t.id, &t.institution)
	})
	if err != nil {
		return nil, fmt.Errorf("choose matters: %w", err)
	}
	return chosen, nil
}
