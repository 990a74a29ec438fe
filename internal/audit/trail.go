package audit

import (
	"context"

	"yanlu/internal/store"
)

// Trail is what an operation says of itself while it runs, beyond what its route
// and its answer tell: its subjects, or whose act it records from paper.
type Trail struct {
	subjects []subject
	actedFor string
}

type subject struct{ kind, id, actedFor string }

type trailKey struct{}

// WithTrail returns a context in which the operation leaves its trail.
func WithTrail(ctx context.Context) (context.Context, *Trail) {
	t := &Trail{}
	return context.WithValue(ctx, trailKey{}, t), t
}

// About says what an operation is done on, where that is not what its route names
// or what it makes: one entry for each identifier. Outside of an operation it does
// nothing.
func About(ctx context.Context, subjectType string, ids ...string) {
	if t, ok := ctx.Value(trailKey{}).(*Trail); ok {
		for _, id := range ids {
			t.subjects = append(t.subjects, subject{kind: subjectType, id: id})
		}
	}
}

// ActedFor says whose act an operation records from paper: a person or a unit.
// Outside of an operation it does nothing.
func ActedFor(ctx context.Context, id string) {
	if t, ok := ctx.Value(trailKey{}).(*Trail); ok && store.IsID(id) {
		t.actedFor = id
	}
}

// Step runs one of the many things that an operation does, so that each leaves
// an entry of its own: on the subject whose identifier fn returns, with whose act
// it was. What fails leaves none. Outside of an operation it only runs fn.
func Step(ctx context.Context, subjectType string, fn func(context.Context) (id string, err error)) error {
	whole, ok := ctx.Value(trailKey{}).(*Trail)
	if !ok {
		_, err := fn(ctx)
		return err
	}
	ctx, t := WithTrail(ctx)
	id, err := fn(ctx)
	if err == nil {
		whole.subjects = append(whole.subjects, subject{subjectType, id, t.actedFor})
	}
	return err
}

// Entries are those of an entry's subjects: as the trail tells, or else the one
// that it is given.
func (t *Trail) Entries(e Entry, subjectType, subjectID string) []Entry {
	e = e.For(t.actedFor)
	if len(t.subjects) == 0 {
		return []Entry{e.On(subjectType, subjectID)}
	}
	entries := make([]Entry, 0, len(t.subjects))
	for _, s := range t.subjects {
		of := e
		if s.actedFor != "" {
			of = e.For(s.actedFor)
		}
		entries = append(entries, of.On(s.kind, s.id))
	}
	return entries
}
