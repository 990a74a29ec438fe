package matter

import (
	"context"
	"fmt"

	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// maxNamed bounds how many matters are found by their titles at once.
const maxNamed = 2000

// Named finds the matters that words of a list stand for, of those that the
// actor may see: a word is the number of a matter, or the title of one that goes
// on and has no number yet. A word may stand for several, and then for none that
// is certain. An empty kind is any. It asks two queries, whatever the length of
// the list.
func (s *Service) Named(ctx context.Context, c store.Conn, a member.Actor, kind Kind, words []string) (map[string][]Line, error) {
	by := make(map[string][]Line, len(words))
	if len(words) == 0 {
		return by, nil
	}
	for _, which := range []string{"matters.number IN ?", "matters.title IN ? AND matters.number IS NULL AND matters.closed_at IS NULL"} {
		condition, args := s.Visible(a)
		condition += " AND matters.kind IN ? AND " + which
		var lines []Line
		err := c.Gorm(ctx).Raw(`SELECT matters.*, `+called+` AS author_name FROM matters
			JOIN authors ON authors.matter_id = matters.id AND authors.ordinal = 1
			WHERE `+condition+` ORDER BY matters.id LIMIT ?`, append(args, s.kinds(kind), words, maxNamed)...).Scan(&lines).Error
		if err != nil {
			return nil, fmt.Errorf("find matters by name: %w", err)
		}
		for _, l := range lines {
			word := l.Title
			if l.Number != nil {
				word = *l.Number
			}
			by[word] = append(by[word], l)
		}
	}
	return by, nil
}

// kinds lists one kind, or all where it is empty.
func (s *Service) kinds(kind Kind) []Kind {
	if kind != "" {
		return []Kind{kind}
	}
	kinds := []Kind{}
	for _, h := range s.Heads() {
		kinds = append(kinds, h.Kind)
	}
	return kinds
}

// Handed is what tells one matter that was handed in from another at first
// sight: its first author, the day, and the title.
type Handed struct {
	PersonID string
	Day      calendar.Day
	Title    string
}

// Twins finds, for matters that are about to be recorded, those that are there
// already and look the same, of those that the actor may see: whoever records a
// paper twice should be told.
func (s *Service) Twins(ctx context.Context, c store.Conn, a member.Actor, kind Kind, handed []Handed) (map[Handed]Line, error) {
	by := map[Handed]Line{}
	if len(handed) == 0 {
		return by, nil
	}
	var titles, people []string
	for _, h := range handed {
		titles, people = append(titles, h.Title), append(people, h.PersonID)
	}
	var rows []struct {
		Line
		PersonID string
	}
	condition, args := s.Visible(a)
	err := c.Gorm(ctx).Raw(`SELECT matters.*, `+called+` AS author_name, authors.person_id FROM matters
		JOIN authors ON authors.matter_id = matters.id AND authors.ordinal = 1
		WHERE `+condition+` AND matters.kind = ? AND matters.title IN ? AND authors.person_id IN ? ORDER BY matters.id LIMIT ?`,
		append(args, kind, titles, people, maxNamed)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find twins: %w", err)
	}
	for _, r := range rows {
		by[Handed{r.PersonID, calendar.Of(r.SubmittedAt), r.Title}] = r.Line
	}
	return by, nil
}

// LockOpenings lets one act at a time bring many matters of an institution into
// being, until its transaction ends, so that a list which two people enter at
// once is not entered twice unseen. It keeps nobody from handing in one.
func LockOpenings(ctx context.Context, tx *store.Tx, institutionID string) error {
	if !tx.Postgres() {
		return nil // one writer at a time
	}
	var locked string
	err := tx.Gorm(ctx).Raw("SELECT id FROM institutions WHERE id = ? FOR NO KEY UPDATE", institutionID).Scan(&locked).Error
	if err != nil {
		return fmt.Errorf("lock the openings of an institution: %w", err)
	}
	return nil
}
