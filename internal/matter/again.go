package matter

import (
	"context"
	"fmt"
	"slices"

	"yanlu/internal/notify"
)

// AskAgain asks the co-authors once more who had agreed, because what they agreed
// to has been changed: their consent was to the text as it stood (domain.md §3.3).
// Whoever has a matter of their own merged into this one agreed to that, and stays
// so. A change that is recorded from paper asks nobody: they signed it.
func (m *Move) AskAgain(ctx context.Context) error {
	var ids []string
	for _, a := range m.Authors {
		if a.Role == Co && a.Consent == Given && a.ViaMatterID == nil && a.OwnConsent == nil {
			ids = append(ids, a.Person())
		}
	}
	if len(ids) == 0 || m.OnPaper() {
		return nil
	}
	var merged []string
	err := m.Tx.Gorm(ctx).Raw(`SELECT one.person_id FROM authors one JOIN matters other ON other.id = one.matter_id
		WHERE other.merged_into = ? AND one.person_id IN ? AND one.consent = ?`, m.Matter.ID, ids, Given).Scan(&merged).Error
	if err != nil {
		return fmt.Errorf("find who came by a merge as well: %w", err)
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(merged, id) })
	if len(ids) == 0 {
		return nil
	}
	m.Tx.Exec("UPDATE authors SET consent = ? WHERE matter_id = ? AND person_id IN ?", Asked, m.Matter.ID, ids)
	for i, a := range m.Authors {
		if slices.Contains(ids, a.Person()) {
			m.Authors[i].Consent = Asked
		}
	}
	m.Tell(m.Matter, ids, notify.Task, "文本有修改，请您再看看",
		fmt.Sprintf("%s修改了“%s”。您之前同意联名的是修改前的文本，请打开看看，同意或不参加。", m.Actor.Name, m.Matter.Title), m.Words("请再确认"))
	return nil
}

// StandFor lets the first author of what is not handed in yet, or was returned,
// stand for a body; nil for themselves. ErrBody tells of one that there is not.
func (m *Move) StandFor(ctx context.Context, body *Body) error {
	lead := m.Authors[0]
	lead.BodyKind, lead.BodyUnitID, lead.BodyName = "", nil, ""
	if err := lead.standFor(ctx, m.Tx, body); err != nil {
		return err
	}
	m.Authors[0] = lead
	m.Tx.Exec("UPDATE authors SET body_kind = ?, body_unit_id = ?, body_name = ? WHERE matter_id = ? AND role = ?", lead.BodyKind, lead.BodyUnitID, lead.BodyName, m.Matter.ID, First)
	return nil
}
