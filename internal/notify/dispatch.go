package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"strings"
	"time"

	"yanlu/internal/account"
	"yanlu/internal/store"
)

// Outcome is how the platform took a message.
type Outcome int

// The outcomes, with the errcode of the platform behind each.
const (
	Delivered Outcome = iota
	Refused           // 43101: no consent is left; final, and expected
	Broken            // 47003, 40037, 41030, 40003: our mistake; final, and it alarms
	Later             // -1, 45009, a token, a time-out: try again
)

// Letter is a message as the platform takes it.
type Letter struct {
	OpenID     string
	TemplateID string
	Page       string
	Fields     map[string]string
}

// Sender is what the dispatcher needs of WeChat: it sends one message and says
// how it went, with the platform's code and the cause for the log.
type Sender interface {
	Send(ctx context.Context, l Letter) (o Outcome, code int, err error)
}

// DispatchOptions bound the dispatcher.
type DispatchOptions struct {
	Interval    time.Duration // between looks at the queue
	Batch       int           // pushes claimed at once
	Lease       time.Duration // how long a claim holds; over twice the sender's time-out
	MaxAttempts int
}

// Dispatcher sends what is queued. Any number may run, in any number of
// servers: a push is claimed by one at a time.
type Dispatcher struct {
	s      *Service
	sender Sender
	o      DispatchOptions
	log    *slog.Logger
}

// NewDispatcher returns a dispatcher over the queue of s.
func NewDispatcher(s *Service, sender Sender, o DispatchOptions, log *slog.Logger) *Dispatcher {
	return &Dispatcher{s: s, sender: sender, o: o, log: log}
}

// Run sends until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) {
	tick := time.NewTicker(d.o.Interval)
	defer tick.Stop()
	for {
		n, err := d.Once(ctx)
		if err != nil && !errors.Is(err, context.Canceled) {
			d.log.ErrorContext(ctx, "dispatch pushes", "error", err)
		}
		if n == d.o.Batch && err == nil {
			continue // there is more
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once makes the digests that are due, claims a batch, puts off what lies in
// quiet hours, sends the rest, and returns how many it took up.
func (d *Dispatcher) Once(ctx context.Context) (int, error) {
	h := &habits{db: d.s.db, of: map[string]habit{}}
	if err := d.gather(ctx, h); err != nil {
		return 0, err
	}
	batch, err := d.claim(ctx)
	if err != nil {
		return 0, fmt.Errorf("claim pushes: %w", err)
	}
	// What the first half of the lease does not suffice for is left to whoever
	// claims it next: a push must not be sent under a claim that has run out.
	enough := d.s.now().Add(d.o.Lease / 2)
	for i, p := range batch {
		if d.s.now().After(enough) || ctx.Err() != nil {
			return i, ctx.Err()
		}
		habit, err := h.get(ctx, p.InstitutionID)
		if err != nil {
			return i, err
		}
		// A message that is on its way is finished also when the program stops:
		// nobody would know whether it arrived.
		if err := d.send(context.WithoutCancel(ctx), p, habit); err != nil {
			return i, fmt.Errorf("send push %s: %w", p.ID, err)
		}
	}
	return len(batch), nil
}

// claim takes what is due and moves its next try behind the lease, so that
// whoever dies with it only delays it.
func (d *Dispatcher) claim(ctx context.Context) ([]Push, error) {
	now := d.s.now()
	var batch []Push
	err := d.s.db.Tx(ctx, func(tx *store.Tx) error {
		skip := ""
		if tx.Postgres() {
			skip = "FOR UPDATE SKIP LOCKED"
		}
		return tx.Gorm(ctx).Raw(`UPDATE pushes SET attempts = attempts + 1, next_at = ? WHERE id IN
			(SELECT id FROM pushes WHERE status = 'QUEUED' AND next_at <= ? ORDER BY next_at LIMIT ? `+skip+`) RETURNING *`,
			now.Add(d.o.Lease), now, d.o.Batch).Scan(&batch).Error
	})
	// The rows of an UPDATE come in no order; people read in the order of events.
	slices.SortFunc(batch, func(a, b Push) int { return strings.Compare(a.ID, b.ID) })
	return batch, err
}

func (d *Dispatcher) send(ctx context.Context, p Push, h habit) error {
	if end, quiet := h.quiet.until(d.s.now()); quiet {
		return d.putOff(ctx, p, end)
	}
	var m Message
	if err := d.s.db.Gorm(ctx).Where("id = ?", p.InboxID).First(&m).Error; err != nil {
		return fmt.Errorf("find the message of a push: %w", err)
	}
	if m.ReadAt != nil {
		return d.finish(ctx, p, h, Seen, p.ErrorCode)
	}
	t, ready, err := d.prepare(ctx, &p, h)
	if err != nil || !ready {
		return err
	}
	letter, err := letter(p, m, t)
	if err != nil {
		return err
	}
	outcome, code, cause := d.sender.Send(ctx, letter)
	switch outcome {
	case Delivered:
		return d.finish(ctx, p, h, Sent, 0, mended)
	case Refused:
		return d.finish(ctx, p, h, NoGrant, code, d.s.empty)
	case Broken:
		if err := d.alarm(ctx, p, code, cause); err != nil {
			return err
		}
		return d.finish(ctx, p, h, Failed, code, d.s.unspend) // the platform spent none
	default:
		return d.again(ctx, p, h, code, cause)
	}
}

// Between the pushes of one person that waited for the end of the quiet hours,
// and over which time the people are spread: nobody's telephone rings many times
// at once, nor everybody's together.
const (
	apart  = 15 * time.Second
	spread = 5 * time.Minute
)

// putOff moves a push to the end of the quiet hours, behind those of the same
// person that wait for it already. It was no attempt.
func (d *Dispatcher) putOff(ctx context.Context, p Push, end time.Time) error {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(p.PersonID))
	begin := end.Add(time.Duration(sum.Sum32()%uint32(spread/time.Second)) * time.Second)
	return d.s.db.Tx(ctx, func(tx *store.Tx) error {
		var before int
		err := tx.Gorm(ctx).Raw("SELECT COUNT(*) FROM pushes WHERE person_id = ? AND status = 'QUEUED' AND id <> ? AND next_at >= ?", p.PersonID, p.ID, begin).Scan(&before).Error
		if err != nil {
			return fmt.Errorf("put off a push: %w", err)
		}
		tx.Exec("UPDATE pushes SET next_at = ?, attempts = attempts - 1 WHERE id = ? AND status = 'QUEUED'", begin.Add(time.Duration(before)*apart), p.ID)
		return nil
	})
}

// prepare finds the telephone and the template and spends a grant, once for a
// push however often it is tried: a time-out may have been a delivery. Without
// one of them the push ends; the inbox has the message.
func (d *Dispatcher) prepare(ctx context.Context, p *Push, h habit) (Template, bool, error) {
	ids, err := account.OpenIDs(ctx, d.s.db, []string{p.PersonID})
	if err != nil {
		return Template{}, false, err
	}
	openID, bound := ids[p.PersonID]
	if !bound || p.OpenID != "" && p.OpenID != openID { // the telephone of the first try may be lost
		return Template{}, false, d.finish(ctx, *p, h, NotBound, 0)
	}
	t, ok := d.s.templates[p.Event]
	if !ok {
		return Template{}, false, d.finish(ctx, *p, h, NoTemplate, 0)
	}
	if p.OpenID != "" {
		return t, true, nil
	}
	granted := false
	err = d.s.db.Tx(ctx, func(tx *store.Tx) error {
		granted, err = d.s.spend(ctx, tx, openID, t.ID)
		if err != nil || !granted {
			return err
		}
		p.OpenID, p.TemplateID = openID, t.ID
		tx.Exec("UPDATE pushes SET open_id = ?, template_id = ? WHERE id = ?", openID, t.ID, p.ID)
		return nil
	})
	if err != nil {
		return Template{}, false, err
	}
	if !granted {
		return Template{}, false, d.finish(ctx, *p, h, NoGrant, 0)
	}
	return t, true, nil
}

func letter(p Push, m Message, t Template) (Letter, error) {
	var values map[string]string
	if err := json.Unmarshal([]byte(p.ValuesJSON), &values); err != nil {
		return Letter{}, fmt.Errorf("read the words of a push: %w", err)
	}
	fields := make(map[string]string, len(t.Fields))
	for name, value := range t.Fields {
		fields[name] = values[value]
	}
	page := strings.NewReplacer("{kind}", m.Kind, "{id}", m.MatterID).Replace(t.Page)
	return Letter{OpenID: p.OpenID, TemplateID: p.TemplateID, Page: page, Fields: fields}, nil
}

// finish ends a push, with what ledger says of its grant and what staff must
// tell instead: once, also where a claim ran out and two had the push.
func (d *Dispatcher) finish(ctx context.Context, p Push, h habit, s Status, code int, ledger ...func(tx *store.Tx, openID, templateID string)) error {
	return d.s.db.Tx(ctx, func(tx *store.Tx) error {
		now := d.s.now()
		r := tx.Gorm(ctx).Exec("UPDATE pushes SET status = ?, error_code = ?, done_at = ? WHERE id = ? AND status = 'QUEUED'", s, code, now, p.ID)
		if r.Error != nil || r.RowsAffected == 0 {
			return r.Error
		}
		for _, change := range ledger {
			change(tx, p.OpenID, p.TemplateID)
		}
		watch(tx, p, s, code, p.CreatedAt.Add(time.Duration(h.days)*day))
		return nil
	})
}

// again puts a push back with a growing delay, and ends it after too many.
func (d *Dispatcher) again(ctx context.Context, p Push, h habit, code int, cause error) error {
	if p.Attempts >= d.o.MaxAttempts {
		d.log.ErrorContext(ctx, "a push was given up", "push", p.ID, "attempts", p.Attempts, "code", code, "error", cause)
		return d.finish(ctx, p, h, Failed, code)
	}
	d.log.WarnContext(ctx, "a push is tried again later", "push", p.ID, "attempts", p.Attempts, "code", code, "error", cause)
	delay := min(time.Second<<min(p.Attempts, 12), time.Hour)
	return d.s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("UPDATE pushes SET next_at = ?, error_code = ? WHERE id = ? AND status = 'QUEUED'", d.s.now().Add(delay), code, p.ID)
		return nil
	})
}

// Tidy deletes what the platform's repetitions need no more: events older than
// a week, at most a thousand.
func (s *Service) Tidy(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("DELETE FROM platform_events WHERE id IN (SELECT id FROM platform_events WHERE at < ? LIMIT 1000)", s.now().AddDate(0, 0, -7))
		return nil
	})
}
