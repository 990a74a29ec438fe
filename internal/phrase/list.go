package phrase

import (
	"context"
	"fmt"
	"strings"

	"yanlu/internal/member"
)

// Filter narrows a list of phrases.
type Filter struct {
	Purpose  string // empty: all
	Category string // those for it, and those for all; empty: any
	After    *Mark  // where the page before ended; nil: from the first
	Limit    int    // 1–100
}

// Mark is a place in a list: behind the phrase that it names.
type Mark struct {
	Purpose string
	Ordinal int
	ID      string
}

// Line is a phrase in a list.
type Line struct {
	Phrase
	UnitName *string
}

// Mark returns the place behind the line.
func (l Line) Mark() Mark { return Mark{l.Purpose, l.Ordinal, l.ID} }

// List returns the phrases that the actor sees, by purpose and then in the order
// that was set. It is one scan of an index for the institution and each unit of
// the actor, and MaxPhrases bounds what it passes by.
func (s *Service) List(ctx context.Context, a member.Actor, f Filter) ([]Line, error) {
	tail, more := "", []any(nil)
	if f.Purpose != "" {
		tail, more = tail+" AND purpose = ?", append(more, f.Purpose)
	}
	if f.Category != "" {
		tail, more = tail+" AND category IN ('', ?)", append(more, f.Category)
	}
	if f.After != nil {
		tail, more = tail+" AND (purpose, ordinal, id) > (?, ?, ?)", append(more, f.After.Purpose, f.After.Ordinal, f.After.ID)
	}
	var branches []string
	var args []any
	branch := func(whose string, own ...any) {
		branches = append(branches, "SELECT * FROM (SELECT * FROM phrases WHERE institution_id = ? AND "+whose+tail+" ORDER BY purpose, ordinal, id LIMIT ?) AS one")
		args = append(append(append(append(args, a.InstitutionID), own...), more...), f.Limit)
	}
	if oversees(a) {
		branch("unit_id IS NULL")
	} else if names := s.namesOf(a); len(a.Units()) > 0 && len(names) > 0 {
		branch("unit_id IS NULL AND purpose IN ?", names)
	}
	for _, u := range a.Units() {
		branch("unit_id = ?", u)
	}
	if len(branches) == 0 {
		return nil, nil
	}
	var lines []Line
	err := s.db.Gorm(ctx).Raw("SELECT p.*, (SELECT name FROM units WHERE id = p.unit_id) AS unit_name FROM ("+strings.Join(branches, " UNION ALL ")+
		") AS p ORDER BY p.purpose, p.ordinal, p.id LIMIT ?", append(args, f.Limit)...).Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("list phrases: %w", err)
	}
	return lines, nil
}

// namesOf lists the names of the purposes for which an actor sees phrases.
func (s *Service) namesOf(a member.Actor) []string {
	var names []string
	for _, p := range s.PurposesOf(a) {
		names = append(names, p.Name)
	}
	return names
}
