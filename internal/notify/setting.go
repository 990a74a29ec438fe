package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/store"
)

// Quiet are the hours of a day in which nobody's telephone rings, from From to
// just before To, each written 21:30, in Beijing's time. They may go over
// midnight. Both empty: there are none.
type Quiet struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// QuietHours is the setting of when nothing is pushed. What would be due then,
// a reply too, is pushed at their end; in the inbox it is at once.
func QuietHours() institution.Setting[Quiet] {
	return institution.Setting[Quiet]{
		Name: "notify.quiet_hours", Label: "免打扰时段（起止时间；都留空为不设）", Default: Quiet{"21:30", "07:30"}, Check: Quiet.check,
	}
}

// DigestAt is the setting of when members are told, once a day, how the handling
// of their matters went on.
func DigestAt() institution.Setting[string] {
	return institution.Setting[string]{
		Name: "notify.digest_at", Label: "办理进展每天汇总推送的时间", Default: "17:30",
		Check: func(s string) error { _, err := parseClock(s); return err },
	}
}

// UnreadDays is the setting of how many days a message that could not be pushed
// may stay unread before it stands on staff's list 未送达.
func UnreadDays() institution.Setting[int] {
	return institution.Setting[int]{
		Name: "notify.unread_days", Label: "未能推送的消息几天未读后列入“未送达”", Default: 2,
		Check: func(n int) error {
			if n < 1 || n > 30 {
				return errors.New("must be from 1 to 30 days")
			}
			return nil
		},
	}
}

// Settings lists what an institution may set of this package.
func Settings() []institution.AnySetting {
	return []institution.AnySetting{QuietHours(), DigestAt(), UnreadDays()}
}

// clock is a time of the day, from midnight.
type clock time.Duration

func parseClock(s string) (clock, error) {
	t, err := time.Parse("15:04", s)
	if err != nil || t.Format("15:04") != s {
		return 0, fmt.Errorf("%q is not a time such as 07:30", s)
	}
	return clock(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute), nil
}

func (q Quiet) check() error {
	if q == (Quiet{}) {
		return nil
	}
	from, err := parseClock(q.From)
	if err != nil {
		return err
	}
	to, err := parseClock(q.To)
	if err == nil && from == to {
		err = errors.New("from and to must differ")
	}
	return err
}

// until returns the end of the quiet hours in which now lies.
func (q Quiet) until(now time.Time) (end time.Time, in bool) {
	from, errFrom := parseClock(q.From)
	to, errTo := parseClock(q.To)
	if errFrom != nil || errTo != nil {
		return time.Time{}, false
	}
	end = after(to, now)
	length := time.Duration(to - from)
	if length < 0 {
		length += day
	}
	return end, !now.Before(end.Add(-length))
}

const day = 24 * time.Hour

// after returns the first moment after now at which the clock shows c. Beijing
// has no summer time, so that each day has 24 hours.
func after(c clock, now time.Time) time.Time {
	local := now.In(calendar.Beijing())
	y, m, d := local.Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, calendar.Beijing()).Add(time.Duration(c))
	if !at.After(now) {
		at = at.Add(day)
	}
	return store.Micro(at)
}

// habits are the settings of the institutions that a round of the dispatcher
// meets, each read once.
type habits struct {
	db *store.DB
	of map[string]habit
}

type habit struct {
	quiet  Quiet
	digest clock
	days   int
}

func (h *habits) get(ctx context.Context, institutionID string) (habit, error) {
	if known, ok := h.of[institutionID]; ok {
		return known, nil
	}
	quiet, err := QuietHours().Of(ctx, h.db, institutionID)
	if err != nil {
		return habit{}, err
	}
	at, err := DigestAt().Of(ctx, h.db, institutionID)
	if err != nil {
		return habit{}, err
	}
	digest, err := parseClock(at)
	if err != nil {
		return habit{}, err
	}
	days, err := UnreadDays().Of(ctx, h.db, institutionID)
	if err != nil {
		return habit{}, err
	}
	h.of[institutionID] = habit{quiet, digest, days}
	return h.of[institutionID], nil
}
