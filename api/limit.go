package api

import (
	"context"
	"log/slog"
)

// Limiter counts requests within the last minute.
type Limiter interface {
	// Allow counts a request of a subject and reports whether it is within
	// perMinute.
	Allow(ctx context.Context, subject string, perMinute int) (bool, error)
}

// limiter is the general limit. It fails open: when Redis does not answer,
// members still hand in. Logging in and binding have limits of their own, in
// the database.
type limiter struct {
	of        Limiter
	perMinute int
	log       *slog.Logger
}

func (l limiter) allow(ctx context.Context, subject string) error {
	if l.perMinute == 0 {
		return nil
	}
	ok, err := l.of.Allow(ctx, subject, l.perMinute)
	if err != nil {
		l.log.WarnContext(ctx, "the general limit is off: Redis does not answer", "error", err)
		return nil
	}
	if !ok {
		return errLimited
	}
	return nil
}
