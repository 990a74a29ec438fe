package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestAJobGoesOnInSteps holds that steps follow each other while there is more,
// and then at the interval.
func TestAJobGoesOnInSteps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		ctx, stop := context.WithCancel(t.Context())
		runJobs(ctx, slog.New(slog.DiscardHandler), []job{{"count", time.Minute, func(context.Context) (bool, error) {
			at = append(at, time.Since(began))
			if len(at) == 5 {
				stop()
			}
			return len(at) < 3, nil
		}}})
		want := []time.Duration{0, 0, 0, time.Minute, 2 * time.Minute}
		for i := range want {
			if at[i] != want[i] {
				t.Fatalf("steps at %v, want %v", at, want)
			}
		}
	})
}

// TestAJobThatFailsIsLoggedOnce holds that the same failure is one line however
// long it lasts, and that the job goes on.
func TestAJobThatFailsIsLoggedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		away, full := errors.New("the database is away"), errors.New("the disk is full")
		results := []error{away, away, away, nil, away, full, full, nil, nil}
		ctx, stop := context.WithCancel(t.Context())
		n := 0
		runJobs(ctx, slog.New(slog.NewTextHandler(&log, nil)), []job{{"fail", time.Second, func(context.Context) (bool, error) {
			err := results[n]
			if n++; n == len(results) {
				stop()
			}
			return err != nil, err // there would be more, but not at once
		}}})
		if n != len(results) {
			t.Errorf("it was tried %d times", n)
		}
		if got := strings.Count(log.String(), "a job failed"); got != 3 {
			t.Errorf("%d failures are logged, want 3:\n%s", got, &log)
		}
		if got := strings.Count(log.String(), "works again"); got != 2 {
			t.Errorf("it works again %d times, want 2:\n%s", got, &log)
		}
	})
}

// TestJobsStopWithTheServer holds that a step under way is finished, and that
// none begins after the end.
func TestJobsStopWithTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var finished, begun atomic.Int64
		ctx, stop := context.WithCancel(t.Context())
		slow := func(context.Context) (bool, error) {
			begun.Add(1)
			time.Sleep(time.Minute)
			finished.Add(1)
			return true, nil
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			runJobs(ctx, slog.New(slog.DiscardHandler), []job{{"one", time.Hour, slow}, {"two", time.Hour, slow}})
		})
		time.Sleep(90 * time.Second) // in the middle of the second step
		stop()
		wg.Wait()
		if begun.Load() != 4 || finished.Load() != 4 {
			t.Errorf("%d steps were begun and %d finished, want 4", begun.Load(), finished.Load())
		}
	})
}
