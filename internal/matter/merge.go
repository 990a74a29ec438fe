package matter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// The faults of merging.
var (
	ErrMergeTarget = fault.New(fault.Invalid, "matter.merge_target", "没有找到可以并入的事项：它须是同一类、尚未答复，也没有并入别处，并且不是这一件本身。")
	ErrMergedLater = fault.New(fault.Conflict, "matter.merged_later", "并入的那一件已经答复，不能再撤销合并。")
	ErrOthersIn    = fault.New(fault.Conflict, "matter.others_in", "已有其他委员的事项并入这一件，不能直接撤回。请联系工作人员。")
)

// MergeInput merges a matter into another of its kind.
type MergeInput struct {
	workflow.Seen
	TargetID string `json:"target_id" format:"uuid" label:"并入" widget:"matter" options:"matters" doc:"并入哪一件"`
	Note     string `json:"note,omitempty" maxLength:"200" example:"两件都建议修复人民路路灯。" label:"相同之处" widget:"textarea" doc:"相同之处，可不填"`
}

// UnmergeInput undoes a merge.
type UnmergeInput struct{ workflow.Reasoned }

// OnMerged is an input of an action on what was merged into another, which is
// locked with it.
type OnMerged interface{ OnMerged() }

// Original is a matter that goes on under one: that itself, or one that was merged
// into it, each with its own authors.
type Original struct {
	Matter
	Authors []Author
}

// People lists who agreed to be an author of the original itself, not by merging.
func (o Original) People() []string {
	own := slices.DeleteFunc(slices.Clone(o.Authors), func(a Author) bool {
		return a.ViaMatterID != nil || a.OwnConsent != nil && *a.OwnConsent != Given
	})
	return agreed(own)
}

// Originals returns the matter of a move and, behind it, those that were merged
// into it.
func (s *Service) Originals(ctx context.Context, m *Move) ([]Original, error) {
	merged, err := gorm.G[Matter](m.Tx.Gorm(ctx)).Where("merged_into = ?", m.Matter.ID).Order("id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find what was merged: %w", err)
	}
	rows, err := gorm.G[Author](m.Tx.Gorm(ctx)).Where("matter_id IN (SELECT id FROM matters WHERE merged_into = ?)", m.Matter.ID).
		Order("matter_id, ordinal").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the authors of what was merged: %w", err)
	}
	all := []Original{{m.Matter, m.Authors}}
	for _, x := range merged {
		o := Original{Matter: x}
		for _, a := range rows {
			if a.MatterID == x.ID {
				o.Authors = append(o.Authors, a)
			}
		}
		all = append(all, o)
	}
	return all, nil
}

// WordsOf are the words of the move for another matter that it touches.
func (m *Move) WordsOf(x Matter, status string) map[string]string {
	words := m.Words(status)
	words["title"] = x.Title
	if delete(words, "number"); x.Number != nil {
		words["number"] = *x.Number
	}
	return words
}

// Merged is the state, of every kind, of what was merged into another.
const Merged workflow.Status = "MERGED"

// MergeRules returns the actions of merging (并案) for a head's table: from the
// given states, which an undone merge goes back to, by the given parties.
func MergeRules(from []workflow.Status, who []workflow.Party) []workflow.Rule {
	return []workflow.Rule{
		{Action: "merge", Label: "并案", From: from, To: []workflow.Status{Merged}, Who: who, Input: MergeInput{}, Audience: workflow.Everyone},
		{Action: "unmerge", Label: "撤销并案", From: []workflow.Status{Merged}, To: from, Who: who, Input: UnmergeInput{}, Audience: workflow.Everyone},
	}
}

// holdOthers locks the matter of a move together with another that the move
// touches, before either is read, always in one order.
func (s *Service) holdOthers(ctx context.Context, tx *store.Tx, id string, input workflow.Input) error {
	other := ""
	switch in := input.(type) {
	case MergeInput:
		if other = in.TargetID; !store.IsID(other) {
			return ErrMergeTarget
		}
	case UnmergeInput, AgreeInput, DeclineInput, OnMerged:
		err := tx.Gorm(ctx).Raw("SELECT COALESCE(CAST(merged_into AS TEXT), '') FROM matters WHERE id = ?", id).Scan(&other).Error
		if err != nil {
			return fmt.Errorf("find what a matter was merged into: %w", err)
		}
	}
	if other == "" {
		return nil
	}
	return Lock(ctx, tx, id, other)
}

// merge makes the authors of a matter authors of another, which goes on for
// both. Nobody is lost, and the chain stays to be read. What is urgent makes the
// other urgent, for good: whether that would have become urgent by itself nobody
// can tell later, so an undone merge leaves it to go first.
func (s *Service) merge(ctx context.Context, m *Move) error {
	in := m.Input.(MergeInput)
	target, authors, err := s.target(ctx, m, in.TargetID)
	if err != nil {
		return err
	}
	if in.TargetID == m.Matter.ID || !slices.Contains(s.heads[m.Matter.Kind].MergeInto, target.Status) {
		return ErrMergeTarget
	}
	m.Set("merged_into", target.ID)
	if m.Comment = "并入“" + target.Title + "”"; in.Note != "" {
		m.Comment += "。" + in.Note
	}
	if err := gather(ctx, m.Tx, target.ID, m.Matter.ID, m.Authors); err != nil {
		return err
	}
	trace := fmt.Sprintf("“%s”并入", m.Matter.Title)
	if m.Matter.Urgent && !target.Urgent {
		target.setUrgent(m.Tx, true)
		trace += "，随之加急"
	}
	s.trace(m, target, trace)
	m.TellAuthors(notify.Decision, "您的"+m.Flow.Label+"已合并办理",
		fmt.Sprintf("“%s”与另一件内容相近，已并入“%s”一起办理。您是共同提出人，答复会同样告诉您。", m.Matter.Title, target.Title), m.Words("已合并"))
	m.Tell(target, others(authors, m.Authors), notify.Decision, "有相近的"+m.Flow.Label+"并入",
		fmt.Sprintf("“%s”已并入您的“%s”，一起办理，提出人相应增加。", m.Matter.Title, target.Title), m.Words("有并入"))
	m.tellBelow(target, authors, "另一件内容相近的"+m.Flow.Label+"已并入这一件，一起办理。", "有并入")
	return nil
}

// unmerge takes a matter out of the one that it was merged into.
func (s *Service) unmerge(ctx context.Context, m *Move) error {
	if m.Matter.MergedInto == nil {
		return fmt.Errorf("matter %s is merged into nothing", m.Matter.ID)
	}
	target, authors, err := s.target(ctx, m, *m.Matter.MergedInto)
	if err != nil {
		return err
	}
	if !slices.Contains(s.heads[m.Matter.Kind].UnmergeFrom, target.Status) {
		return ErrMergedLater
	}
	last, err := gorm.G[Event](m.Tx.Gorm(ctx)).Where("matter_id = ? AND action = 'merge' AND to_status = ?", m.Matter.ID, Merged).Order("id DESC").First(ctx)
	if err != nil {
		return fmt.Errorf("find the merge: %w", err)
	}
	m.To = last.FromStatus
	m.Set("merged_into", nil)
	if err := gather(ctx, m.Tx, target.ID, m.Matter.ID, nil); err != nil {
		return err
	}
	s.trace(m, target, fmt.Sprintf("“%s”不再并入", m.Matter.Title))
	m.TellAuthors(notify.Decision, "您的"+m.Flow.Label+"改为单独办理",
		fmt.Sprintf("“%s”不再并入“%s”，改为单独办理。", m.Matter.Title, target.Title), m.Words("单独办理"))
	m.Tell(target, others(authors, m.Authors), notify.Decision, "并入的"+m.Flow.Label+"改为单独办理",
		fmt.Sprintf("“%s”不再并入您的“%s”，两件分开办理。", m.Matter.Title, target.Title), m.Words("单独办理"))
	m.tellBelow(target, authors, "并入这一件的另一件"+m.Flow.Label+"已分出，单独办理。", "单独办理")
	return nil
}

// tellBelow tells the institutions below that handed up another matter, or one that
// was merged into it, what becomes of that by a move of this one: without the title
// of what is not theirs.
func (m *Move) tellBelow(x Matter, authors []Author, body, status string) {
	for _, a := range below(authors) {
		if a.source() != m.Matter.ID { // whose own this is was told of it
			m.sendTo(a, x, Feedback{Action: m.Rule.Action, Event: notify.Decision, Body: body, Status: status})
		}
	}
}

// others returns who agreed to be an author of one matter and not of another.
func others(of, not []Author) []string {
	known := agreed(not)
	return slices.DeleteFunc(agreed(of), func(id string) bool { return slices.Contains(known, id) })
}

// target returns the other matter of a merge, which is locked, with its authors;
// ErrMergeTarget where the actor does not see it.
func (s *Service) target(ctx context.Context, m *Move, id string) (Matter, []Author, error) {
	other, authors, err := s.Find(ctx, m.Tx, m.Typist, m.Matter.Kind, id)
	if errors.Is(err, ErrNotFound) {
		err = ErrMergeTarget
	}
	return other, authors, err
}

// Lock locks the rows of matters until the transaction ends, in one order for
// everybody, so that no two wait for each other.
func Lock(ctx context.Context, tx *store.Tx, ids ...string) error {
	if !tx.Postgres() {
		return nil // one writer at a time
	}
	var locked []string
	err := tx.Gorm(ctx).Raw("SELECT id FROM matters WHERE id IN ? ORDER BY id FOR UPDATE", ids).Scan(&locked).Error
	if err != nil {
		return fmt.Errorf("lock matters: %w", err)
	}
	return nil
}

// gather writes anew who came to a matter by merging: the authors of all that
// was merged into it, but of changed those given instead. Who stands on it
// already and did not agree, agrees with what of theirs was merged; what they
// said themselves comes back when that goes.
func gather(ctx context.Context, tx *store.Tx, targetID, changed string, instead []Author) error {
	var rows []Author
	err := tx.Gorm(ctx).Raw(`SELECT au.* FROM authors au JOIN matters ma ON ma.id = au.matter_id
		WHERE ma.merged_into = ? AND ma.id <> ? ORDER BY ma.id, au.ordinal`, targetID, cursorID(changed)).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("find the authors of what was merged: %w", err)
	}
	own, err := gorm.G[Author](tx.Gorm(ctx)).Where("matter_id = ? AND via_matter_id IS NULL", targetID).Order("ordinal").Find(ctx)
	if err != nil {
		return fmt.Errorf("find authors: %w", err)
	}
	tx.Exec("UPDATE authors SET consent = own_consent, own_consent = NULL WHERE matter_id = ? AND own_consent IS NOT NULL", targetID)
	tx.Exec("DELETE FROM authors WHERE matter_id = ? AND via_matter_id IS NOT NULL", targetID)
	there, ordinal := map[standing]Consent{}, 0
	for _, a := range own {
		there[a.standing()], ordinal = a.Consent, max(ordinal, a.Ordinal)
		if a.OwnConsent != nil {
			there[a.standing()] = *a.OwnConsent
		}
	}
	rows = append(rows, instead...)
	slices.SortStableFunc(rows, func(a, b Author) int { return given(b) - given(a) }) // who agreed to one of several has agreed
	for _, a := range rows {
		as := a.standing()
		stands, ok := there[as]
		ok = ok && as.person != "" // a body without a person is told of each that it handed in
		switch {
		case ok && stands != Given && a.Consent == Given:
			tx.Exec("UPDATE authors SET own_consent = consent, consent = ? WHERE matter_id = ? AND person_id = ? AND body_kind = ? AND body_name = ?",
				Given, targetID, as.person, as.kind, as.name)
			there[as] = Given
			continue
		case ok, a.Consent == Declined, a.Consent == Named:
			continue
		}
		via := a.MatterID
		ordinal++
		there[as] = a.Consent
		a.MatterID, a.Ordinal, a.Role, a.ViaMatterID, a.OwnConsent = targetID, ordinal, Co, &via, nil
		tx.Insert(&a)
	}
	return nil
}

func given(a Author) int {
	if a.Consent == Given {
		return 1
	}
	return 0
}

// trace adds a line to the timeline of a matter that something else was done to.
// Whoever saw it before is stale from now on.
func (s *Service) trace(m *Move, x Matter, comment string) {
	m.Tx.Exec("UPDATE matters SET version = version + 1, updated_at = ? WHERE id = ?", m.Now, x.ID)
	e := m.event()
	e.ID, e.MatterID, e.AssignmentID, e.FromStatus, e.ToStatus, e.Comment = store.NewID(), x.ID, nil, x.Status, x.Status, comment
	m.Tx.Insert(e)
}
