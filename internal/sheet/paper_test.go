package sheet

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// TestAPaperIsReadyToPrint: across on A4, as wide as the page, with its heading on every
// page, lines around the cells, and no cell a formula.
func TestAPaperIsReadyToPrint(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	err := WritePaper(&b, Paper{
		Name: "清单", Title: "交办清单", Note: "共1件", Widths: []int{6, 20},
		Tables: []Grid{
			{Heading: []string{"序号", "案由"}, Rows: [][]string{{"1", "=HYPERLINK(\"x\")"}}},
			{Title: "签收", Heading: []string{"单位", "签字"}, Rows: [][]string{{"水利局", ""}}, Tall: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.GetRows("清单")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"交办清单"}, {"共1件"}, {"序号", "案由"}, {"1", "=HYPERLINK(\"x\")"}, nil, {"签收"}, {"单位", "签字"}, {"水利局"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if formula, err := f.GetCellFormula("清单", "B4"); formula != "" || err != nil {
		t.Errorf("a formula: %q, %v", formula, err)
	}
	layout, err := f.GetPageLayout("清单")
	if err != nil || *layout.Orientation != "landscape" || *layout.Size != paperA4 || *layout.FitToWidth != 1 {
		t.Errorf("the page: %+v, %v", layout, err)
	}
	if names := f.GetDefinedName(); len(names) != 1 || names[0].RefersTo != "'清单'!$1:$3" {
		t.Errorf("on every page: %+v", names)
	}
	if height, err := f.GetRowHeight("清单", 8); height != tallRow || err != nil {
		t.Errorf("room to sign: %v, %v", height, err)
	}
	id, err := f.GetCellStyle("清单", "B8")
	if err != nil {
		t.Fatal(err)
	}
	if style, err := f.GetStyle(id); err != nil || len(style.Border) != 4 {
		t.Errorf("lines around a cell: %+v, %v", style, err)
	}
}
