package matter

import (
	"context"
	"fmt"
	"strings"

	"yanlu/internal/member"
)

// Invitation is a matter that somebody is asked to sign, and has not answered yet.
type Invitation struct {
	MatterID   string
	Kind       Kind
	Title      string
	AuthorName string // of the first author, who asks
}

// Invitations lists at most limit matters of all kinds that the actor is asked to sign
// and may still answer, the newest first, from before an identifier; empty: from the
// newest. Those that were merged into others stand for themselves, since an answer to
// one is an answer to all. Its cost is for the matters of which the actor is an author.
func (s *Service) Invitations(ctx context.Context, a member.Actor, before string, limit int) ([]Invitation, error) {
	var open []string
	args := []any{a.PersonID, Asked}
	for _, h := range s.Heads() {
		if agree, ok := h.Flow.Rule("agree"); ok {
			open, args = append(open, "matters.kind = ? AND matters.status IN ?"), append(args, h.Kind, agree.From)
		}
	}
	visible, more := s.Visible(a)
	where, args := "("+strings.Join(open, " OR ")+") AND ("+visible+")", append(args, more...)
	if before != "" {
		where, args = where+" AND matters.id < ?", append(args, before)
	}
	var found []Invitation
	err := s.db.Gorm(ctx).Raw(`SELECT matters.id AS matter_id, matters.kind, matters.title,
			COALESCE((SELECT `+called+` FROM authors WHERE matter_id = matters.id AND ordinal = 1), '') AS author_name
		FROM authors asked JOIN matters ON matters.id = asked.matter_id
		WHERE asked.person_id = ? AND asked.consent = ? AND asked.via_matter_id IS NULL AND `+where+`
		ORDER BY matters.id DESC LIMIT ?`, append(args, limit)...).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list invitations to sign: %w", err)
	}
	return found, nil
}
