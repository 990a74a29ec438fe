package api

import (
	"strings"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/proposal"
	"yanlu/internal/report"
	"yanlu/internal/sheet"
	"yanlu/internal/workflow"
)

// matterColumns are those of a table of matters of a kind. What a 提案 is about is its
// 案由, and who makes it 第一提案人.
func matterColumns(kind matter.Kind) []sheet.Column {
	title, author := "标题", "提出人"
	if kind == proposal.Kind {
		title, author = "案由", "第一提案人"
	}
	return []sheet.Column{
		{Name: "编号", Width: 22}, {Name: title, Width: 44}, {Name: "类别", Width: 10}, {Name: author, Width: 20}, {Name: "联名", Width: 24},
		{Name: "界别", Width: 14}, {Name: "状态"}, {Name: "收到日期", Width: 12}, {Name: "办理单位", Width: 36}, {Name: "应答复日期", Width: 12},
		{Name: "答复日期", Width: 12}, {Name: "办理结果", Width: 22}, {Name: "对办理态度的评价", Width: 16}, {Name: "对办理结果的评价", Width: 16},
	}
}

// matterCells are the rows of such a table.
func matterCells(flow workflow.Table, rows []report.Row) [][]string {
	categories := labelsOf("categories")
	cells := make([][]string, 0, len(rows))
	for _, r := range rows {
		author, others, sector := signers(r.Authors)
		line := []string{
			text(r.Number), r.Title, categories[r.Category], author, others, sector, flow.LabelOf(r.Status), dayCell(&r.SubmittedAt),
			unitsCell(r.Handled.Units), dayCell(r.Handled.DueAt), dayCell(r.Handled.RepliedAt), r.Handled.Outcome, "", "",
		}
		if x := r.Handled.Rating; x != nil {
			line[12], line[13] = x.Attitude.Label(), x.Result.Label()
		}
		cells = append(cells, line)
	}
	return cells
}

// signers are the first author, those who agreed to sign beside them, and the sector
// of the first.
func signers(authors []matter.Author) (first, others, sector string) {
	var more []string
	for _, x := range authors {
		switch {
		case x.Role == matter.First:
			first, sector = x.Called(), x.Sector
		case x.Consent == matter.Given:
			more = append(more, x.Called())
		}
	}
	return first, strings.Join(more, "、"), sector
}

// unitsCell names the units of a matter, by what they do in it.
func unitsCell(units []handling.Share) string {
	answer, co := unitNames(units)
	switch {
	case len(units) == 0:
		return ""
	case units[0].Role == handling.Separate:
		return "分办：" + strings.Join(append(answer, co...), "、")
	case len(co) == 0:
		return strings.Join(answer, "、")
	case len(answer) == 0:
		return "会办：" + strings.Join(co, "、")
	}
	return "主办：" + strings.Join(answer, "、") + "；会办：" + strings.Join(co, "、")
}

// unitNames are the names of the units that answer, and of those that give their
// opinion to the lead.
func unitNames(units []handling.Share) (answer, co []string) {
	answer, co = []string{}, []string{}
	for _, x := range units {
		if x.Role == handling.Co {
			co = append(co, x.UnitName)
		} else {
			answer = append(answer, x.UnitName)
		}
	}
	return answer, co
}

// dayCell is a moment as the day in Beijing, empty for none.
func dayCell(t *time.Time) string {
	if t == nil {
		return ""
	}
	return calendar.Of(*t).String()
}
