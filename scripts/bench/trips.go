package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
)

// relay passes a PostgreSQL connection on and counts its round trips: how often
// the client speaks again after the server has. A trip is counted whatever it
// holds, so that a batch of ten statements is one.
type relay struct {
	listener net.Listener
	server   string
	trips    atomic.Int64
	wg       sync.WaitGroup
}

// startRelay listens on loopback for the server of a database and returns the
// address of the database by way of the relay.
func startRelay(ctx context.Context, database string) (*relay, string, error) {
	u, err := url.Parse(database)
	if err != nil {
		return nil, "", fmt.Errorf("relay: %w", err)
	}
	port := u.Port()
	if port == "" {
		port = "5432"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("relay: %w", err)
	}
	r := &relay{listener: listener, server: net.JoinHostPort(u.Hostname(), port)}
	r.wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			r.wg.Go(func() { r.pass(ctx, conn) })
		}
	})
	u.Host = listener.Addr().String()
	return r, u.String(), nil
}

// close stops the relay, after the clients have closed their connections.
func (r *relay) close() {
	_ = r.listener.Close()
	r.wg.Wait()
}

// pass carries bytes both ways until one end closes.
func (r *relay) pass(ctx context.Context, from net.Conn) {
	defer func() { _ = from.Close() }()
	to, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.server)
	if err != nil {
		return
	}
	var asked atomic.Bool // the client spoke last
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() { _ = to.Close() }()
		carry(to, from, func() {
			if !asked.Swap(true) {
				r.trips.Add(1)
			}
		})
	})
	wg.Go(func() {
		defer func() { _ = from.Close() }()
		carry(from, to, func() { asked.Store(false) })
	})
	wg.Wait()
}

// carry copies until the end, and calls seen before it hands on each piece.
func carry(to, from net.Conn, seen func()) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			seen()
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// countTrips returns how many round trips to the database one request of each
// workload takes, once statements are prepared.
func countTrips(ctx context.Context, database string, work []workload) (_ []float64, err error) {
	r, address, err := startRelay(ctx, database)
	if err != nil {
		return nil, err
	}
	defer r.close()
	s, err := startYanlu(ctx, address, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	c, err := dial(ctx, s.address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	const sample = 50
	trips := make([]float64, len(work))
	for i, w := range work {
		var before int64
		for n := range 2 * sample { // the first half prepares
			if n == sample {
				before = r.trips.Load()
			}
			if _, err := c.do(w); err != nil {
				return nil, err
			}
		}
		trips[i] = float64(r.trips.Load()-before) / sample
	}
	return trips, nil
}
