package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// job is work that nobody waits for, done again and again in small steps.
//
// Any number of servers run the same jobs: a step claims its rows, or moves
// them under a guard, so that what several take up is done once.
type job struct {
	name  string
	every time.Duration // from the end of one round to the next
	// step does a bounded piece of the work and reports whether there is more of
	// it at once. What ctx cuts short is undone, for the next to do.
	step func(ctx context.Context) (more bool, err error)
}

// once makes a step of work that is bounded as a whole.
func once(work func(context.Context) error) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) { return false, work(ctx) }
}

// runJobs runs each job on its own until ctx ends, and returns when all of them
// have stopped.
func runJobs(ctx context.Context, log *slog.Logger, jobs []job) {
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Go(func() { j.run(ctx, log) })
	}
	wg.Wait()
}

// run logs what goes wrong, the same again only when something else came
// between: a database that is away for an hour is one line.
func (j job) run(ctx context.Context, log *slog.Logger) {
	logged := ""
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := j.round(ctx)
		switch {
		case err == nil && logged != "":
			log.InfoContext(ctx, "a job works again", "job", j.name)
			logged = ""
		case err != nil && ctx.Err() == nil && err.Error() != logged:
			log.ErrorContext(ctx, "a job failed and is tried again", "job", j.name, "error", err)
			logged = err.Error()
		}
		tick.Reset(j.every)
	}
}

// round takes steps until there is no more to do for now.
func (j job) round(ctx context.Context) error {
	for ctx.Err() == nil {
		if more, err := j.step(ctx); err != nil || !more {
			return err
		}
	}
	return nil
}

// jobs are those of the program. A package that has work for later adds its
// line, and its interval to config.Jobs.
func (a *App) jobs() []job {
	c := a.config.Jobs
	return []job{
		{"tidy", c.Tidy, once(a.tidy)},
		{"check", c.Check, a.Checker.Step},
		{"audit", c.Audit, a.Sealer.Step},
		{"files", c.Tidy, func(ctx context.Context) (bool, error) {
			n, err := a.Files.Tidy(ctx)
			return n > 0, err
		}},
		{"undelivered", c.Undelivered, a.Notify.Ripen},
		{"recount", c.Recount, a.Matters.Recount},
		{"remind", c.Remind, a.Watch.Remind},
		{"expire", c.Remind, a.Matters.Expire},
		{"feedback", c.Feedback, a.Matters.Feedback},
	}
}

// Round does every job until there is no more to do for now, and sends the
// pushes that are due, in one order: what Background does at its intervals, for
// a test that turns the clock by hand.
func (a *App) Round(ctx context.Context) error {
	for _, j := range a.jobs() {
		if err := j.round(ctx); err != nil {
			return fmt.Errorf("job %s: %w", j.name, err)
		}
	}
	for ctx.Err() == nil {
		if n, err := a.Dispatcher.Once(ctx); err != nil || n == 0 {
			return err
		}
	}
	return ctx.Err()
}
