# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Vietnamese words: syllables with blanks between them, in composed letters, with either place of a tone mark."""

from __future__ import annotations

from exchanges.announcements.frames.concepts import Concept
from exchanges.announcements.frames.words.borrowed import with_borrowed

_TONES = {"hủy": "h(?:ủy|uỷ)", "xóa": "x(?:óa|oá)", "khóa": "kh(?:óa|oá)", "hóa": "h(?:óa|oá)"}


def _spelt(pattern: str) -> str:
    """The pattern with a blank for each `_`, and with both places of a tone mark."""
    for usual, both in _TONES.items():
        pattern = pattern.replace(usual, both)
    return pattern.replace("_", "[ ]")


_TAG = r"(?:thẻ|nhãn|tag|cảnh_báo|hạn_chế|monitoring)\b"
_NO_LISTING = r"(?<!hủy_)(?<!huỷ_)(?<!bỏ_)(?<!ngừng_)(?<!ngưng_)(?<!dừng_)(?<!gỡ_)(?<!rút_)(?<!dứt_)(?<!sách_)"

_VIETNAMESE = {
    Concept.DELIST: r"\b(?:hủy(?:_bỏ)?|ngừng|ngưng|dừng|gỡ(?:_bỏ)?|rút|chấm_dứt)_niêm_yết\b | \b(?:loại|gỡ|đưa|rút)\b(?:_\S{1,12}){0,6}?_khỏi_(?:danh_sách_)?(?:niêm_yết|sàn)\b | \bdelist\w*",
    Concept.REMOVE: r"\bgỡ(?:_bỏ|_xuống)?\b | \bloại_(?:bỏ|khỏi)\b | \bxóa\b | \bbỏ_(?:khỏi|cặp)\b | \btạm_biệt\b | \bchia_tay\b | \brút_khỏi\b | \brời(?:_khỏi)?\b | \bra_khỏi\b | \bdỡ_bỏ\b",
    Concept.END: r"\bchấm_dứt\b | \bkết_thúc\b | (?<!tạm_)\b(?:ngừng|ngưng|dừng)\b(?!_niêm|(?:_\S{1,12}){0,6}?_tạm_thời) | (?<!tạm_)\bđóng\b(?!_(?:băng|góp)) | \bkhông_còn\b | \bkhông\b(?:_\S{1,12}){1,6}?_nữa\b | \bngày_giao_dịch_cuối\b | \bphiên_cuối\b | \bcuối_cùng\b | \bvĩnh_viễn\b | \bthôi_(?:hỗ_trợ|giao_dịch)\b | \bhết_hạn\b | \bkhai_tử\b",
    Concept.HALT: r"\btạm_(?:ngừng|dừng|ngưng|hoãn|đóng|khóa|đình_chỉ)\b | \bđình_chỉ\b | \b(?:ngừng|ngưng|dừng|đóng)\b(?:_\S{1,12}){0,6}?_tạm_thời\b | \bgián_đoạn\b | \bđóng_băng\b | \bkhông_thể\b | \bkhông_khả_dụng\b | \bkhông_hoạt_động\b | \bvô_hiệu(?:_hóa)?\b | \bbị_(?:chặn|khóa|treo)\b | \bsự_cố\b | \bphong_tỏa\b",
    Concept.SETTLE: r"\btất_toán\b | \bquyết_toán\b | \bthanh_lý\b | \btự_động_thanh_toán\b | \bđóng_vị_thế\b",
    Concept.SWAP: r"\bhoán_đổi\b | \bchuyển_đổi\b(?!_nhanh) | \bdi_(?:chuyển|trú|dời)\b | \bđổi_(?:token|coin|sang|thành|hợp_đồng)\b | \bquy_đổi\b | \bthay_(?:thế_|đổi_)?hợp_đồng\b",
    Concept.RENAME: r"\b(?:đổi|thay_đổi)_(?:tên|mã|thương_hiệu|ký_hiệu|biểu_tượng)\b | \btái_(?:định_vị|thương_hiệu)\w* | \b(?:tên|mã)(?:_giao_dịch)?_mới\b",
    Concept.MERGE: r"\bsáp_nhập\b | \bhợp_nhất\b | \bgộp\b",
    Concept.REDENOMINATE: r"\bchia_tách\b | \btách_(?:token|coin)\b | \bmệnh_giá\b",
    Concept.UPGRADE: r"\bnâng_cấp\b(?!_(?:hệ_thống|ứng_dụng|dịch_vụ|giao_diện|tài_khoản))",
    Concept.FORK: r"\b(?:hard|soft)[ -]?fork\b | \bphân_(?:nhánh|tách)\b",
    Concept.MAINTENANCE: r"\bbảo_(?:trì|dưỡng)\b | \bnâng_cấp_hệ_thống\b",
    Concept.WARN: r"\b(?:thẻ|nhãn|tag)_(?:giám_sát|theo_dõi|cảnh_báo|rủi_ro|quan_sát|st\b) | \bcảnh_báo(?:_(?:rủi_ro|đầu_tư))?\b(?!_?:) | \bdiện_(?:theo_dõi|cảnh_báo|kiểm_soát|giám_sát) | \b(?:danh_sách|khu_vực)_(?:theo_dõi|giám_sát|quan_sát|cảnh_báo) | \bxử_lý_đặc_biệt",
    Concept.ADD: r"\bthêm\b | \bbổ_sung\b | \bgắn\b | \bmở_rộng\b | \bđưa\b(?:_\S{1,12}){0,6}?_vào\b | \báp_dụng\b | \bgán\b",
    Concept.UNTAG: rf"\b(?:gỡ|bỏ|xóa|hủy|loại|tháo)(?:_bỏ)?\b(?:_\S{{1,12}}){{0,3}}?_{_TAG}",
    Concept.RESUME: r"\bkhôi_phục\b | \bmở_(?:cửa_)?(?:trở_)?lại\b | \bmở\b(?:_\S{1,12}){1,6}?_trở_lại\b | \bnối_lại\b | \btrở_lại\b | \btái_khởi_động\b | \bhoạt_động_lại\b | \bmở_lại\b",
    Concept.COMPLETE: r"\bđã_(?:được_)?hoàn_(?:tất|thành)\b | (?<!sau_khi_)(?<!khi_)(?<!kiến_)(?<!sau_)(?<!sẽ_)(?<!được_)\bhoàn_(?:tất|thành)_(?:hỗ|nâng|bảo|hard|hoán|việc|quá|di|đợt)\w* | \bđã_(?:xong|kết_thúc)\b",
    Concept.POSTPONE: r"(?<!tạm_)\bhoãn\b | \btrì_hoãn\b | \b(?:lùi|dời)\b(?!_khỏi) | \bchậm_trễ\b | \b(?:đổi|thay_đổi|điều_chỉnh)_(?:lịch|thời_gian|thời_điểm|ngày|giờ)\w* | \b(?:lịch|thời_gian|thời_điểm|ngày|giờ)_mới\b | \bgia_hạn\b",
    Concept.CANCEL: r"\bhủy(?:_bỏ)?\b(?!_(?:bỏ_)?(?:niêm_yết|lệnh|các_lệnh|mọi_lệnh|tất_cả|toàn_bộ|tự_động|thẻ|nhãn)) | \brút_lại\b | \bkhông_diễn_ra\b",
    Concept.UPDATE: r"\bcập_nhật\b | \bđính_chính\b | \bsửa_đổi\b | \bđiều_chỉnh\b | \bthay_đổi\b | \bsớm_hơn\b",
    Concept.LIST: rf"{_NO_LISTING}\bniêm_yết\b | \bra_mắt\b | \bmở_(?:bán|giao_dịch)\b | \b(?:thêm|mở)(?:_các|_\d+)?_cặp\b | \blên_sàn\b | \bgiới_thiệu\b",
    Concept.CONTINUE: r"\bkhông_(?:hề_)?(?:bị_)?(?:chịu_)?(?:gây_)?ảnh_hưởng\b | \bbình_thường\b | \bvẫn\b | \btiếp_tục\b | \bduy_trì\b(?!_ký_quỹ) | \bgiữ_nguyên\b | \bnhư_(?:cũ|thường_lệ)\b | \bkhông_(?:có_)?thay_đổi\b",
    Concept.PROMOTE: r"\bphần_thưởng\b | \b(?:nhận|có|giải|tiền|điểm)_thưởng\b | \bthưởng\b | \bquà\b | \bairdrop\w* | \b(?:cuộc_|thi_)(?:thi|đấu|đua)\b | \bđố_vui\b | \btrúng\b | \bnhận_ngay\b | \bưu_đãi\b | \bkhuyến_m(?:ãi|ại)\b | \bsự_kiện\b | \bchia_sẻ\b | \bchương_trình\b | \bmời_bạn\b | \btrả_lời\b",
    Concept.EXPLAIN: r"\bhướng_dẫn\b | \blà_gì\b | (?<!một_)\bcách\b(?!_(?:ly|mạng)) | \bcâu_hỏi_thường\b | \bđiều_khoản\b | \bchính_sách\b | \bquy_(?:tắc|chế)\b | \bquy_định_(?:mới|sử)\b | \bbáo_cáo\b | \btin_đồn\b | \b(?:sai|không_đúng)_sự_thật\b | \bthất_thiệt\b | \bhọc_viện\b | \btìm_hiểu\b | \bgiải_thích\b | \bbác_bỏ\b | \btin_giả\b",
    Concept.FALSE: r"\btin_đồn\b | \b(?:sai|không_đúng)_sự_thật\b | \bthất_thiệt\b | \bbác_bỏ\b | \btin_giả\b",
    Concept.NOT: r"\bkhông\b(?!_(?:còn|thể|khả_dụng|hoạt_động|bị_ảnh|hề_ảnh|hề_bị_ảnh|ảnh|gây_ảnh|chịu_ảnh|thay_đổi|có_thay|bao_gồm|gồm|chỉ|diễn_ra|đúng)) | \bchưa\b | \bchẳng\b",
    Concept.MAY: r"\bcó_thể_(?:bị|sẽ|được|dẫn|thay_đổi|tạm|phải|hủy) | \bnếu\b | \btrường_hợp\b | \b(?:có_)?khả_năng\b | \bcó_quyền\b | \bbảo_lưu\b",
    Concept.PAST: r"\btrước_(?:đó|đây)\b | \bban_đầu\b | \bđã_(?:được_)?(?:thông_báo|công_bố)\b | \blịch_cũ\b | \bthay_vì\b | \bdự_kiến_trước\b",
    Concept.EXCEPT: r"\bngoại_trừ\b | (?<!loại_)\btrừ\b(?!_(?:đi|phí)) | \bngoài\b(?!_ra) | \bkhông_(?:bao_)?gồm\b",
    Concept.TRADING: r"(?<!cặp_)(?<!sàn_)(?<!phí_)(?<!bot_)(?<!lượng_)\bgiao_dịch\b(?!_(?:viên)) | \bmua_bán\b | \bkhớp_lệnh\b",
    Concept.PAIR: r"\bcặp(?:_giao_dịch)?\b | \bthị_trường\b",
    Concept.CONTRACT: r"\bhợp_đồng\b(?!_thông_minh) | \bvĩnh_cửu\b | \btương_lai\b",
    Concept.TOKEN: r"\btokens?\b | \bcoins?\b | (?<!hợp_)\bđồng\b(?!_(?:thời|ý|bộ|hành|hồ)) | \btài_sản\b | \btiền_(?:điện_tử|mã_hóa|số|ảo)\b",
    Concept.DEPOSIT: r"\bnạp\b | \b(?:gửi_tiền|tiền_gửi)\b",
    Concept.WITHDRAWAL: r"\brút\b(?!_(?:khỏi|niêm|lại|thăm|gọn|ngắn))",
    Concept.WALLET: r"\bnạp_?(?:tiền_)?(?:[/&,-]_?|và_|hoặc_)?rút\b | \bví\b(?!_dụ)",
    Concept.NETWORK: r"\bmạng(?:_lưới)?\b(?!_xã_hội) | \bchuỗi\b | \bblockchain\b | \bnodes?\b | \bmainnet\b | \bgiao_thức\b | \bchiều_cao_khối\b",
    Concept.SPOT: r"(?<!lưới_)\bgiao_ngay\b | \bspot\b",
    Concept.MARGIN: r"\bký_quỹ\b(?!_(?:duy_trì|ban_đầu|bằng)) | \bmargin\b",
    Concept.USDM: r"\bvĩnh_cửu\b | \btương_lai\b | \bperpetual\b",
    Concept.COINM: r"\bký_quỹ_bằng_(?:coin|tiền)\w* | \bnghịch_đảo\b",
    Concept.OPTIONS: r"\bquyền_chọn\b",
    Concept.ORDER: r"\blệnh\b | \bvị_thế\b",
    Concept.SIDE: r"\bstaking\b | \bearn\b | \btiết_kiệm\b | \b(?:cho_)?vay\b | \bthế_chấp\b | \bbots?\b | (?<!mạng_)\blưới\b | \bsao_chép\b | \bthẻ\b(?!_(?:giám|theo|cảnh|rủi|quan)) | \bngân_hàng\b | \bvnd\b | \bứng_dụng\b | \bxác_minh\b | \bdanh_tính\b | \bđầu_tư_kép\b | \btự_động_đầu\b | \bchuyển_đổi_nhanh\b | \bdemo\b | \btrang_web\b | \bmua_nhanh\b | \bsinh_lời\b",
    Concept.TERMS: r"\bphí\b | \bbước_giá\b | \bđòn_bẩy\b(?!_token) | \bhạn_mức\b | \btỷ_lệ_(?:ký|funding|tài)\w* | \bký_quỹ_(?:duy_trì|ban_đầu)\b | \bkhối_lượng_lệnh\b | \bgiới_hạn\b | \bchỉ_số\b | \bđộ_chính_xác\b",
}

WORDS: dict[Concept, str] = with_borrowed({concept: _spelt(pattern) for concept, pattern in _VIETNAMESE.items()})
