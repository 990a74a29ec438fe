// Command bench measures Yanlu beside a bare server of net/http and pgx, on
// PostgreSQL, in one run: the whole of a submission, the first page of a queue,
// and one matter.
//
//	go run ./scripts/bench
//
// It makes a database of its own, fills it, lets clients on keep-alive
// connections ask both servers in turn in short rounds, prints a table, and
// drops the database. The servers, the clients and usually PostgreSQL share one
// machine, so that the ratio tells more than the figures beside it. A request
// that fails ends the run with exit code 1; a missed goal does not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what one can set.
type options struct {
	postgres, database string
	matters, rounds    int
	length             time.Duration // of a round
	conns, pool        int
	only, cpuprofile   string
	keep               bool
}

func parse(args []string) (options, error) {
	var o options
	var seconds float64
	var smoke bool
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.postgres, "postgres", os.Getenv("YANLU_TEST_POSTGRES"), "address of a PostgreSQL where databases may be made; YANLU_TEST_POSTGRES where empty")
	f.StringVar(&o.database, "database", "yanlu_bench", "name of the database that is made; one that is there is dropped")
	f.IntVar(&o.matters, "matters", 100_000, "matters to bring in, at least 1000")
	f.IntVar(&o.rounds, "rounds", 3, "rounds of each server and workload")
	f.Float64Var(&seconds, "seconds", 5, "length of a round")
	f.IntVar(&o.conns, "connections", 32, "connections of the clients")
	f.IntVar(&o.pool, "pool", 20, "connections of each server to the database")
	f.StringVar(&o.only, "only", "", "measure this workload alone: submit, list or read")
	f.StringVar(&o.cpuprofile, "cpuprofile", "", "write a CPU profile of the rounds; its tag \"server\" is yanlu or bare")
	f.BoolVar(&o.keep, "keep", false, "keep the database")
	f.BoolVar(&smoke, "smoke", false, "see in a few seconds that it runs: 1000 matters, rounds of 0.3 s; the figures mean nothing")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if smoke {
		o.matters, o.rounds, seconds = 1000, 1, 0.3
	}
	o.length = time.Duration(seconds * float64(time.Second))
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case o.postgres == "":
		return o, errors.New("set YANLU_TEST_POSTGRES or -postgres, such as postgres://postgres@127.0.0.1:5432")
	case o.matters < 1000 || o.rounds < 1 || o.length <= 0 || o.conns < 1 || o.pool < 1:
		return o, errors.New("a number is too small")
	}
	return o, nil
}

// limit bounds the whole run, whatever hangs.
func (o options) limit() time.Duration {
	return 5*time.Minute + time.Duration(o.rounds)*20*(o.length+requestTimeout)
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	o, err := parse(args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit())
	defer cancel()
	begin := time.Now()
	d, err := createDatabase(ctx, o.postgres, o.database)
	if err != nil {
		return err
	}
	if !o.keep {
		defer func() { err = errors.Join(err, d.dropAfter(ctx)) }()
	}
	if err := d.fill(ctx, o.matters); err != nil {
		return err
	}
	targets, err := d.targets(ctx, 10_000)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, GOMAXPROCS %d, %d matters (brought in within %.0f s), %d connections, pool of %d, %d × %s a server and workload\n",
		runtime.Version(), runtime.GOMAXPROCS(0), o.matters, time.Since(begin).Seconds(), o.conns, o.pool, o.rounds, o.length)
	b := bench{options: o, database: d.url, out: out}
	for _, w := range workloads(targets) {
		if o.only == "" || o.only == w.name {
			b.lines = append(b.lines, line{workload: w})
		}
	}
	if len(b.lines) == 0 {
		return fmt.Errorf("there is no workload %q", o.only)
	}
	return b.run(ctx)
}
