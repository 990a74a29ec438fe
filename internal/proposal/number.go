package proposal

import (
	"context"
	"fmt"
	"slices"

	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// sessionName is what people call a session: 十一届三次会议.
func sessionName(term, session int) string {
	return member.Numeral(term) + "届" + member.Numeral(session) + "次会议"
}

// numbers is how the proposals of a session are numbered: 十一届三次会议第31号.
func (s *Service) numbers(ctx context.Context, c store.Conn, collectionID *string) (scope string, format func(int64) string, err error) {
	if collectionID == nil {
		return "", nil, ErrNoSession
	}
	var rows []struct {
		Session int
		Ordinal int
	}
	err = c.Gorm(ctx).Raw("SELECT c.session, t.ordinal FROM collections c JOIN terms t ON t.id = c.term_id WHERE c.id = ?", *collectionID).Scan(&rows).Error
	switch {
	case err != nil:
		return "", nil, fmt.Errorf("find the session of a number: %w", err)
	case len(rows) == 0: // a higher body's
		return "", nil, ErrNoSession
	}
	name := sessionName(rows[0].Ordinal, rows[0].Session)
	return *collectionID, func(n int64) string { return fmt.Sprintf("%s第%d号", name, n) }, nil
}

// Number numbers filed proposals of one session, in the order of the list; start is
// the first number, 0 for the next one of the session. ErrNoSession tells that they
// are not of one.
func (s *Service) Number(ctx context.Context, tx *store.Tx, a member.Actor, ids []string, start int64) ([]matter.Matter, error) {
	var of []*string
	err := tx.Gorm(ctx).Raw("SELECT DISTINCT collection_id FROM proposals WHERE institution_id = ? AND matter_id IN ?", a.InstitutionID, ids).Scan(&of).Error
	if err != nil {
		return nil, fmt.Errorf("find the session of a list: %w", err)
	}
	switch {
	case len(of) == 0: // none is to be seen, which the numbering says
		return nil, matter.ErrNumbered
	case len(of) > 1:
		return nil, ErrNoSession.Saying("选中的提案不是同一次会议的，请按会议分开编号。")
	}
	scope, format, err := s.numbers(ctx, tx, of[0])
	if err != nil {
		return nil, err
	}
	return s.matters.GiveNumbers(ctx, tx, a, matter.Numbering{Kind: Kind, IDs: ids, In: numbered(), Start: start, Scope: scope, Format: format})
}

// numbered lists the states in which a proposal gets its number: once it is filed.
func numbered() []workflow.Status {
	return slices.DeleteFunc(filed(), func(s workflow.Status) bool { return s == handling.Unsatisfied || s == handling.Replied })
}
