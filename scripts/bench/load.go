package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// requestTimeout is how long a client waits for one answer.
const requestTimeout = 10 * time.Second

// workload is one kind of request.
type workload struct {
	name  string
	goal  int // percent of the bare server that are asked for
	want  int // status
	write func(b []byte) []byte
}

// workloads returns what is measured. Members hand in; the office reads its
// queue and opens matters of its own institution.
func workloads(targets []target) []workload {
	const body = `{"title":"修复人民路路灯","category":"CITY","place":"人民路中段",` +
		`"body":"人民路中段有六盏路灯已坏两周，晚上行人不便，学生放学时尤其危险，建议尽快修复，并由城管部门定期检查全县主要道路的照明。"}`
	return []workload{
		{"submit", 40, http.StatusCreated, func(b []byte) []byte {
			b = head(b, "POST", "/v1/suggestions", 1+rand.IntN(10), 1+rand.IntN(200))
			b = fmt.Appendf(b, "Idempotency-Key: %016x%016x\r\nContent-Type: application/json\r\n", rand.Uint64(), rand.Uint64())
			return fmt.Appendf(b, "Content-Length: %d\r\n\r\n%s", len(body), body)
		}},
		{"list", 60, http.StatusOK, func(b []byte) []byte {
			return append(head(b, "GET", "/v1/work?limit=20", 1+rand.IntN(10), 201), "\r\n"...)
		}},
		{"read", 60, http.StatusOK, func(b []byte) []byte {
			t := targets[rand.IntN(len(targets))]
			return append(head(b, "GET", "/v1/suggestions/"+t.id, t.institution, 201), "\r\n"...)
		}},
	}
}

// head writes the beginning of a request by a person, who is known by number
// within an institution.
func head(b []byte, method, path string, institution, person int) []byte {
	b = append(append(append(append(b, method...), ' '), path...), " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer bench-"...)
	b = append(strconv.AppendInt(b, int64(institution), 10), '-')
	return append(strconv.AppendInt(b, int64(person), 10), "\r\n"...)
}

// result is what one or more rounds of a workload came to.
type result struct {
	times   []time.Duration
	elapsed time.Duration
	failed  int
	failure error // the first one
}

func (r *result) add(other result) {
	r.times = append(r.times, other.times...)
	r.elapsed += other.elapsed
	r.failed += other.failed
	if r.failure == nil {
		r.failure = other.failure
	}
}

func (r *result) fail(err error) { r.add(result{failed: 1, failure: err}) }

// rate is the number of requests that were answered in a second.
func (r *result) rate() float64 {
	if r.elapsed == 0 {
		return 0
	}
	return float64(len(r.times)) / r.elapsed.Seconds()
}

// quantile returns the time within which the given share of the requests was
// answered.
func (r *result) quantile(share float64) time.Duration {
	if len(r.times) == 0 {
		return 0
	}
	slices.Sort(r.times)
	return r.times[min(int(share*float64(len(r.times))), len(r.times)-1)]
}

// round sends requests of a workload on a number of connections, one after the
// other on each, until a time has passed.
func round(ctx context.Context, address string, w workload, conns int, length time.Duration) result {
	clients := make([]*client, conns)
	for i := range clients {
		c, err := dial(ctx, address)
		if err != nil {
			return result{failed: 1, failure: err}
		}
		defer c.close()
		clients[i] = c
	}
	results := make([]result, conns)
	begin := time.Now()
	var wg sync.WaitGroup
	for i, c := range clients {
		wg.Go(func() {
			for time.Since(begin) < length && ctx.Err() == nil {
				sent := time.Now()
				if _, err := c.do(w); err != nil {
					results[i].fail(err)
					return
				}
				results[i].times = append(results[i].times, time.Since(sent))
			}
		})
	}
	wg.Wait()
	total := result{elapsed: time.Since(begin)}
	for _, r := range results {
		total.add(r)
	}
	return total
}

// client is one connection that is kept alive. It costs less than http.Client,
// which would take time from the servers: they share the machine.
type client struct {
	conn     net.Conn
	incoming *bufio.Reader
	request  []byte
	body     bytes.Buffer
}

func dial(ctx context.Context, address string) (*client, error) {
	conn, err := (&net.Dialer{Timeout: requestTimeout}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &client{conn: conn, incoming: bufio.NewReader(conn)}, nil
}

func (c *client) close() { _ = c.conn.Close() }

// do sends one request and returns the body of its answer, which holds until
// the next one. An answer that has not the status that the workload wants is an
// error.
func (c *client) do(w workload) ([]byte, error) {
	c.request = w.write(c.request[:0])
	err := c.conn.SetDeadline(time.Now().Add(requestTimeout))
	if err == nil {
		_, err = c.conn.Write(c.request)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: send: %w", w.name, err)
	}
	answer, err := http.ReadResponse(c.incoming, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: receive: %w", w.name, err)
	}
	c.body.Reset()
	_, err = c.body.ReadFrom(answer.Body)
	_ = answer.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("%s: receive: %w", w.name, err)
	}
	if answer.StatusCode != w.want {
		return nil, fmt.Errorf("%s: status %d, want %d: %.300s", w.name, answer.StatusCode, w.want, c.body.Bytes())
	}
	return c.body.Bytes(), nil
}
