package api

import (
	"time"

	"yanlu/internal/calendar"
)

// local shows an instant in Beijing time, which is what people read.
func local(t time.Time) time.Time { return t.In(calendar.Beijing()) }

func localOrNil(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	l := local(*t)
	return &l
}
