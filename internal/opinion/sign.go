package opinion

import (
	"context"
	"fmt"

	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
)

// sendForSign sends a report for sign-off (送审签). What was not edited is issued as
// it was handed in.
func sendForSign(_ context.Context, m *matter.Move) error {
	m.Comment = m.Input.(SendForSignInput).Note
	m.Tx.Exec("UPDATE opinions SET issue_type = ? WHERE matter_id = ? AND issue_type = ''", Single, m.Matter.ID)
	return nil
}

// sign signs a report off (签发), and gives its issue the next number of the year
// unless the editors gave it one.
func sign(ctx context.Context, m *matter.Move) error {
	m.Comment = m.Input.(SignInput).Opinion
	own, err := find(ctx, m)
	if err != nil {
		return err
	}
	m.Tx.Exec("UPDATE opinions SET signed_by = ? WHERE matter_id = ?", m.Actor.Name, m.Matter.ID)
	if own.IssueNo == "" {
		year := calendar.Of(m.At).Year()
		m.Count("issue:"+string(Kind), fmt.Sprint(year), func(n int64) {
			m.Tx.Exec("UPDATE opinions SET issue_no = ? WHERE matter_id = ?", fmt.Sprintf("%d年第%d期", year, n), m.Matter.ID)
		})
	}
	return nil
}

// sendBack lets the editors change a report, and tells them what.
func sendBack(ctx context.Context, m *matter.Move) error {
	staff, err := editors(ctx, m)
	m.Tell(m.Matter, staff, notify.Task, "社情民意退回修改", fmt.Sprintf("“%s”没有签发，请修改：%s", m.Matter.Title, m.Comment), m.Words("退回修改"))
	return err
}

// editors are who edits a report: the colleague who has it in hand, or else all of
// 信息科.
func editors(ctx context.Context, m *matter.Move) ([]string, error) {
	if m.Matter.AssigneeID != nil {
		return []string{*m.Matter.AssigneeID}, nil
	}
	return member.OfRole(ctx, m.Tx, m.Matter.InstitutionID, member.InfoStaff, calendar.Of(m.Now))
}
