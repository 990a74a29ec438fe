package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"text/tabwriter"
	"time"
)

// bench is one measurement of both servers on a filled database.
type bench struct {
	options
	database string
	out      io.Writer
	lines    []line
}

// line is a workload with what was measured.
type line struct {
	workload
	yanlu, bare result
	trips       float64
}

// run starts both servers, measures, and prints the table. A request that
// failed is an error.
func (b *bench) run(ctx context.Context) (err error) {
	var work []workload
	for _, l := range b.lines {
		work = append(work, l.workload)
	}
	trips, err := countTrips(ctx, b.database, work)
	if err != nil {
		return err
	}
	for i := range b.lines {
		b.lines[i].trips = trips[i]
	}
	yanlu, err := startYanlu(ctx, b.database, b.pool)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, yanlu.stop(ctx)) }()
	bare, err := startBare(ctx, b.database, b.pool)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop(ctx)) }()
	for _, s := range []*server{yanlu, bare} {
		if err := s.check(ctx, work); err != nil {
			return err
		}
		for _, w := range work { // connects and prepares; not counted
			if r := round(ctx, s.address, w, b.conns, b.length/5); r.failure != nil {
				return r.failure
			}
		}
	}
	stop, err := profile(b.cpuprofile)
	if err != nil {
		return err
	}
	b.measure(ctx, yanlu, bare)
	return errors.Join(stop(), ctx.Err(), b.print(), b.failures())
}

// measure lets the servers take turns, and who begins too: what else goes on
// in the machine and in the database then meets both.
func (b *bench) measure(ctx context.Context, yanlu, bare *server) {
	for n := range b.rounds {
		for i := range b.lines {
			l := &b.lines[i]
			ours := func() { l.yanlu.add(round(ctx, yanlu.address, l.workload, b.conns, b.length)) }
			theirs := func() { l.bare.add(round(ctx, bare.address, l.workload, b.conns, b.length)) }
			if (n+i)%2 == 0 {
				ours()
				theirs()
			} else {
				theirs()
				ours()
			}
		}
	}
}

// print writes the table.
func (b *bench) print() error {
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tyanlu/s\tbare/s\tratio\tgoal\tyanlu p50\tp99\tbare p50\tp99\ttrips\tfailed\t")
	for i := range b.lines {
		l := &b.lines[i]
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.0f %%\t%d %%\t%s\t%s\t%s\t%s\t%.1f\t%d\t\n",
			l.name, l.yanlu.rate(), l.bare.rate(), 100*l.yanlu.rate()/l.bare.rate(), l.goal,
			milliseconds(l.yanlu.quantile(0.5)), milliseconds(l.yanlu.quantile(0.99)),
			milliseconds(l.bare.quantile(0.5)), milliseconds(l.bare.quantile(0.99)), l.trips, l.yanlu.failed+l.bare.failed)
	}
	return w.Flush()
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// failures is an error where a request failed.
func (b *bench) failures() error {
	var errs []error
	for _, l := range b.lines {
		for name, r := range map[string]result{"yanlu": l.yanlu, "bare": l.bare} {
			if r.failed > 0 {
				errs = append(errs, fmt.Errorf("%s: %d requests of %s failed, the first: %w", name, r.failed, l.name, r.failure))
			}
		}
	}
	return errors.Join(errs...)
}

// profile writes a CPU profile from now until its result is called; an empty
// path is none.
func profile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("profile: %w", err), f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
