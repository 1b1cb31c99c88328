# Receive callbacks with Rails: app/controllers/callbacks_controller.rb
#
#   config/routes.rb:  post "/hook", to: "callbacks#create"
#   a migration:       create_table(:received_callbacks, id: :string) { |t| t.binary :body, null: false }
#
# The model is not named Callback: inside a controller that is a class of Rails.
class CallbacksController < ActionController::API
  TOLERANCE_SECONDS = 300
  KEY = ENV.fetch("CALLBOARD_SECRET").delete_prefix("whsec_").unpack1("m0")

  def create
    # The raw bytes: a body that was parsed and serialized again has another signature.
    body = request.raw_post
    return head :unauthorized unless genuine?(body)

    id = request.headers["webhook-id"]
    ReceivedCallback.create!(id: id, body: body)
    # Runs after the response.
    CallbackJob.perform_later(id)
    head :no_content
  rescue ActiveRecord::RecordNotUnique
    # A repeat, which has the same id.
    head :no_content
  end

  private

  def genuine?(body)
    id, timestamp, signatures = %w[webhook-id webhook-timestamp webhook-signature].map { |name| request.headers[name].to_s }
    return false unless timestamp.match?(/\A[0-9]{1,15}\z/)
    return false if (Time.now.to_i - timestamp.to_i).abs > TOLERANCE_SECONDS

    signed = "#{id}.#{timestamp}.".b + body.b
    expected = "v1," + [OpenSSL::HMAC.digest("SHA256", KEY, signed)].pack("m0")
    # While a secret is rotated there are two signatures, separated by a space.
    signatures.split.map { |candidate| OpenSSL.secure_compare(expected, candidate) }.any?
  end
end
